package dev.taskqueue.gateway.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/** Reads claims of a JWT without checking it: the API server does that. */
final class TokenExpiry {
    private static final int PARTS = 3;

    private TokenExpiry() {}

    /** When the token ends; absent if it does not say, says what is no time, or is no JWT. */
    static Optional<Instant> expiry(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != PARTS) {
            return Optional.empty();
        }
        try {
            JsonNode end = ObjectJson.MAPPER
                    .readTree(Base64.getUrlDecoder().decode(parts[1]))
                    .path("exp");
            return end.canConvertToLong() ? Optional.of(Instant.ofEpochSecond(end.asLong())) : Optional.empty();
        } catch (IllegalArgumentException | DateTimeException | IOException noJwt) {
            return Optional.empty();
        }
    }
}
