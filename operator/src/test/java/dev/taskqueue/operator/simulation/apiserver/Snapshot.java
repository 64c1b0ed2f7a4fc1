package dev.taskqueue.operator.simulation.apiserver;

import java.util.Map;
import java.util.NavigableMap;

/** Everything that the server stored at some time, like a backup of etcd. */
public final class Snapshot {
    private final long version;
    private final Map<ResourceKind, NavigableMap<String, StoredObject>> objects;

    Snapshot(long version, Map<ResourceKind, NavigableMap<String, StoredObject>> objects) {
        this.version = version;
        this.objects = objects;
    }

    /** The newest resourceVersion in it. */
    public long version() {
        return version;
    }

    Map<ResourceKind, NavigableMap<String, StoredObject>> objects() {
        return objects;
    }
}
