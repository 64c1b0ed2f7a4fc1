package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All objects, as etcd and the watch cache hold them. One counter gives each change its version. */
final class ObjectStore {
    private final Map<ResourceKind, NavigableMap<String, StoredObject>> objects = new EnumMap<>(ResourceKind.class);
    private final Map<ResourceKind, ChangeHistory> histories = new EnumMap<>(ResourceKind.class);
    private final Listener listener;
    private long version = 1;
    /** The watch cache knows no change up to this version. */
    private long watchableFrom;

    /** Learns of each change at once. */
    interface Listener {
        void changed(ResourceKind kind, StoreEvent event, String user);
    }

    ObjectStore(int historyLength, Listener listener) {
        this.listener = listener;
        for (ResourceKind kind : ResourceKind.values()) {
            objects.put(kind, new TreeMap<>());
            histories.put(kind, new ChangeHistory(historyLength));
        }
    }

    long version() {
        return version;
    }

    NavigableMap<String, StoredObject> objects(ResourceKind kind) {
        return Objects.requireNonNull(objects.get(kind));
    }

    @Nullable StoredObject get(ResourceKind kind, String key) {
        return objects(kind).get(key);
    }

    /** @param before null = the object is new */
    StoredObject put(ResourceKind kind, String key, @Nullable StoredObject before, ObjectNode tree, String user) {
        version++;
        ((ObjectNode) tree.get("metadata")).put("resourceVersion", Long.toString(version));
        var after = new StoredObject(tree, version);
        objects(kind).put(key, after);
        changed(kind, new StoreEvent(version, key, before, after), user);
        return after;
    }

    void remove(ResourceKind kind, String key, StoredObject before, String user) {
        version++;
        objects(kind).remove(key);
        changed(kind, new StoreEvent(version, key, before, null), user);
    }

    private void changed(ResourceKind kind, StoreEvent event, String user) {
        history(kind).add(event);
        listener.changed(kind, event, user);
    }

    ChangeHistory history(ResourceKind kind) {
        return Objects.requireNonNull(histories.get(kind));
    }

    /** The oldest version whose objects are known. */
    long oldestVersion(ResourceKind kind) {
        return history(kind).oldestVersion();
    }

    /** The oldest version from which a watch can begin. */
    long watchableFrom(ResourceKind kind) {
        return Math.max(watchableFrom, oldestVersion(kind));
    }

    /** @param asOf from {@link #oldestVersion} on */
    StoreView view(ResourceKind kind, long asOf) {
        return new StoreView(objects(kind), history(kind), asOf);
    }

    /** The watch cache is filled anew, so it knows no change before now. */
    void restart() {
        watchableFrom = version;
    }

    /** Forgets all versions before now. */
    void compact() {
        for (ChangeHistory history : histories.values()) {
            history.forget(version);
        }
    }

    Snapshot snapshot() {
        return new Snapshot(version, copy(objects));
    }

    void restore(Snapshot snapshot) {
        objects.putAll(copy(snapshot.objects()));
        version = snapshot.version();
        watchableFrom = version;
        compact();
    }

    private static Map<ResourceKind, NavigableMap<String, StoredObject>> copy(
            Map<ResourceKind, NavigableMap<String, StoredObject>> objects) {
        Map<ResourceKind, NavigableMap<String, StoredObject>> copy = new EnumMap<>(ResourceKind.class);
        objects.forEach((kind, all) -> copy.put(kind, new TreeMap<>(all)));
        return copy;
    }
}
