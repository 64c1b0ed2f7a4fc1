package dev.taskqueue.operator.targets;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token. They are not verified here, because the token comes from the API server.
 *
 * @param audiences {@code aud}
 * @param life from {@code iat} to {@code exp}, both by the issuer's clock; zero if one of them is missing
 */
record JwtClaims(Set<String> audiences, Duration life) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JwtClaims NONE = new JwtClaims(Set.of(), Duration.ZERO);

    /** Reads the claims. A token that is not a JWT, such as a static token, has no audiences and no life. */
    static JwtClaims of(@Nullable String token) {
        String[] parts = token == null ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3) {
            return NONE;
        }
        try {
            JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
            return new JwtClaims(audiences(claims.path("aud")), life(claims.path("iat"), claims.path("exp")));
        } catch (JacksonException | IllegalArgumentException e) {
            return NONE; // not a JWT after all
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory does no I/O", e);
        }
    }

    private static Set<String> audiences(JsonNode aud) {
        var audiences = new HashSet<String>();
        if (aud.isTextual()) {
            audiences.add(aud.textValue());
        }
        aud.forEach(entry -> audiences.add(entry.asText()));
        return audiences;
    }

    private static Duration life(JsonNode issuedAt, JsonNode expiresAt) {
        boolean isTold = issuedAt.canConvertToLong() && expiresAt.canConvertToLong();
        long seconds = isTold ? expiresAt.longValue() - issuedAt.longValue() : 0;
        return Duration.ofSeconds(Math.max(0, seconds));
    }
}
