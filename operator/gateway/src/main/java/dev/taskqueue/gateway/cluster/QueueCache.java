package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.gateway.mapping.QueueSnapshot;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The queues that are known, so that creating a Task needs no read. */
public final class QueueCache {
    private final Map<String, Map<String, QueueSnapshot>> namespaces = new ConcurrentHashMap<>();
    private final ClusterClient api;

    public QueueCache(ClusterClient api) {
        this.api = api;
    }

    /** A queue; one that is not known is read as the gateway. */
    public Optional<QueueSnapshot> find(CallContext call, String namespace, String queue) {
        QueueSnapshot known = namespaces.getOrDefault(namespace, Map.of()).get(queue);
        return known == null ? read(call, namespace, queue) : Optional.of(known);
    }

    private Optional<QueueSnapshot> read(CallContext call, String namespace, String queue) {
        ClusterReply reply = api.get(call.own(), ClusterPaths.queue(namespace, queue));
        if (reply.isOk()) {
            return Optional.of(QueueSnapshot.of(reply.body()));
        }
        if (reply.code() == 404) {
            return Optional.empty();
        }
        throw ClusterFailures.of(reply);
    }

    /** Takes in a queue that was seen. */
    void put(JsonNode queue) {
        QueueSnapshot snapshot = QueueSnapshot.of(queue);
        namespaces
                .computeIfAbsent(namespace(queue), name -> new ConcurrentHashMap<>())
                .put(snapshot.object(), snapshot);
    }

    /** Takes in that a queue is gone. */
    public void remove(String namespace, String queue) {
        Map<String, QueueSnapshot> known = namespaces.get(namespace);
        if (known != null) {
            known.remove(queue);
        }
    }

    /** Forgets what a watch has lost sight of. */
    void clear() {
        namespaces.clear();
    }

    /** Forgets the queues of a namespace. */
    void clear(String namespace) {
        namespaces.remove(namespace);
    }

    /** The namespaces that have an entry. */
    Set<String> namespaces() {
        return Set.copyOf(namespaces.keySet());
    }

    static String namespace(JsonNode object) {
        return object.path("metadata").path("namespace").asText("");
    }
}
