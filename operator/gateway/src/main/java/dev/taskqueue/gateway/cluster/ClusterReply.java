package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * An answer of the API server.
 *
 * @param body a missing node if there is no JSON
 * @param date the time of the API server, in whole seconds
 * @param retryAfter in seconds; 0 if the answer does not say
 */
public record ClusterReply(int code, JsonNode body, Optional<Instant> date, long retryAfter) {
    /** Whether the request was done. */
    public boolean isOk() {
        return code >= 200 && code < 300;
    }

    /** The machine-readable reason of a refusal, such as {@code AlreadyExists}. */
    public String reason() {
        return body.path("reason").asText("");
    }

    /** The sentence of a refusal. */
    public String message() {
        return body.path("message").asText("");
    }
}
