package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The resourceVersion of the last write to a Task that the API server has acknowledged, in each namespace. Thread-safe. */
final class LastWrites {
    private final Map<String, Long> byNamespace = new ConcurrentHashMap<>();
    private volatile long last;

    /** @param answer the body of the answer; a deletion has no resourceVersion in it, and does not count */
    void acknowledged(String namespace, JsonNode answer) {
        long version = answer.path("metadata").path("resourceVersion").asLong(0);
        if (version > 0) {
            last = version;
            byNamespace.put(namespace, version);
        }
    }

    /**
     * The version of the last one; 0 if there was none.
     *
     * @param namespace empty = all
     */
    long in(String namespace) {
        return namespace.isEmpty() ? last : byNamespace.getOrDefault(namespace, 0L);
    }
}
