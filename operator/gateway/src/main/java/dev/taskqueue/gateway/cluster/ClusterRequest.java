package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request to the API server.
 *
 * @param path begins with {@code /}, with the query
 * @param user who is impersonated; null = nobody
 */
public record ClusterRequest(
        String method,
        String path,
        String contentType,
        @Nullable JsonNode body,
        @Nullable String user,
        Duration timeout) {
    public static final String JSON = "application/json";
    public static final String MERGE_PATCH = "application/merge-patch+json";
}
