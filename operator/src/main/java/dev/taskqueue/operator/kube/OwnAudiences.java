package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.util.Base64;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The audiences that the API server takes for its own: its well-known name, and those of the token that the operator itself shows it. */
final class OwnAudiences {
    private static final String WELL_KNOWN = "https://kubernetes.default.svc";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Config config;

    OwnAudiences(Config config) {
        this.config = config;
    }

    boolean contains(String audience) {
        // A blank one is no audience, and none at all means the API server's.
        return audience.isBlank()
                || audience.toLowerCase(Locale.ROOT).startsWith(WELL_KNOWN)
                || ofToken(currentToken()).contains(audience);
    }

    /** Read anew each time: a Pod's token is replaced about hourly, and the client knows the current one. */
    private @Nullable String currentToken() {
        return config.getOauthTokenProvider() != null
                ? config.getOauthTokenProvider().getToken()
                : config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
    }

    /** What {@code aud} of a JWT says; nothing where it is none, such as a static token. */
    static Set<String> ofToken(@Nullable String token) {
        String[] parts = token == null ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3) {
            return Set.of();
        }
        var audiences = new HashSet<String>();
        try {
            JsonNode aud =
                    JSON.readTree(Base64.getUrlDecoder().decode(parts[1])).path("aud");
            if (aud.isTextual()) {
                audiences.add(aud.textValue());
            }
            aud.forEach(entry -> audiences.add(entry.asText()));
        } catch (JacksonException | IllegalArgumentException e) {
            return Set.of(); // no JWT after all
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory does no I/O", e);
        }
        return audiences;
    }
}
