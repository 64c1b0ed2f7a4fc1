package dev.taskqueue.gateway.cluster;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Watches the queues of the namespaces that the mapping leads to, and follows it when it changes. Safe for use by several threads. */
public final class QueueWatchers implements AutoCloseable {
    private final ClusterClient api;
    private final ClusterTransport transport;
    private final QueueCache cache;
    private final Map<String, QueueWatcher> watchers = new LinkedHashMap<>();
    private boolean closed;
    private volatile boolean synced;

    public QueueWatchers(ClusterClient api, ClusterTransport transport, QueueCache cache) {
        this.api = api;
        this.transport = transport;
        this.cache = cache;
    }

    /** Watches exactly these namespaces from now on; an empty text = all of the cluster. */
    public synchronized void watch(Collection<String> namespaces) {
        if (closed) {
            return;
        }
        Set<String> wanted = Set.copyOf(namespaces);
        watchers.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                // What it knows goes first: a new watcher may see the same namespace.
                entry.getValue().closeAndForget();
            }
            return unwanted;
        });
        for (String namespace : wanted) {
            watchers.computeIfAbsent(namespace, this::start);
        }
    }

    private QueueWatcher start(String namespace) {
        var watcher = new QueueWatcher(api, transport, cache, namespace.isEmpty() ? null : namespace);
        watcher.start();
        return watcher;
    }

    /** Whether the first namespaces were read. Those of a later mapping change nothing: calls read queues that are not known. */
    public boolean areSynced() {
        if (!synced) {
            synchronized (this) {
                synced = watchers.values().stream().allMatch(QueueWatcher::isSynced);
            }
        }
        return synced;
    }

    @Override
    public synchronized void close() {
        closed = true;
        watchers.values().forEach(QueueWatcher::close);
    }
}
