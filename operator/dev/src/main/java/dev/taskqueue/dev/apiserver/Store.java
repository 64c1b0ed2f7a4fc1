package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * All objects, in memory. The store owns the objects that it receives, and never changes them. Callers must not change the objects that they get. A
 * write names the object on which it is based. If that object is no longer the stored one, the write does nothing, and the caller must read and
 * decide again.
 */
final class Store {
    /** Enough for a client that lists a thousand Tasks while they run, and few enough that large bodies fit into the heap on a laptop. */
    private static final int EVENTS_KEPT = 4_000;

    private final Map<ResourceType, Shelf> shelves = new HashMap<>();
    private long version = 1;

    private record Shelf(ConcurrentSkipListMap<String, ObjectNode> objects, EventLog log) {}

    /**
     * A page of a list.
     *
     * @param version the version from which a watch misses nothing after this page
     * @param next the key after which the next page begins; null at the end
     */
    record Page(
            List<ObjectNode> objects,
            long version,
            @Nullable String next,
            int remaining) {}

    Store(ResourceTypes types) {
        types.all()
                .forEach(
                        type -> shelves.put(type, new Shelf(new ConcurrentSkipListMap<>(), new EventLog(EVENTS_KEPT))));
    }

    Set<ResourceType> types() {
        return shelves.keySet();
    }

    @Nullable ObjectNode get(ResourceType type, String namespace, String name) {
        return shelf(type).objects.get(key(namespace, name));
    }

    /** Returns false if an object of that name exists already. */
    boolean create(ResourceType type, ObjectNode object) {
        return write(type, key(object), null, object);
    }

    /** Returns false if {@code before} is no longer the stored object. */
    boolean replace(ResourceType type, ObjectNode before, ObjectNode after) {
        return write(type, key(before), before, after);
    }

    private synchronized boolean write(ResourceType type, String key, @Nullable ObjectNode before, ObjectNode after) {
        Shelf shelf = shelf(type);
        if (!isStored(shelf, key, before)) {
            return false;
        }
        version++;
        Metadata.of(after).put("resourceVersion", Long.toString(version));
        shelf.objects.put(key, after);
        shelf.log.append(new Event(version, false, before, after));
        return true;
    }

    /** Returns false if {@code before} is no longer the stored object. */
    synchronized boolean delete(ResourceType type, ObjectNode before) {
        Shelf shelf = shelf(type);
        if (!isStored(shelf, key(before), before)) {
            return false;
        }
        version++;
        ObjectNode last = before.deepCopy();
        Metadata.of(last).put("resourceVersion", Long.toString(version));
        shelf.objects.remove(key(before));
        shelf.log.append(new Event(version, true, before, last));
        return true;
    }

    /** Compares by identity: an object of another version may have the same content. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isStored(Shelf shelf, String key, @Nullable ObjectNode object) {
        return shelf.objects.get(key) == object;
    }

    synchronized long version() {
        return version;
    }

    /**
     * A page of a list in the order of keys. Later pages show objects as they are at that time. So a watch from the first page's version may report
     * some of them again, but it never misses one.
     *
     * @param namespace empty = all
     * @param after null = from the beginning
     */
    Page list(ResourceType type, String namespace, ObjectSelector selection, @Nullable String after, int limit) {
        long from = version();
        NavigableMap<String, ObjectNode> range = shelf(type).objects;
        if (!namespace.isEmpty()) {
            range = range.subMap(namespace + "/", true, namespace + "0", false);
        }
        if (after != null) {
            range = range.tailMap(after, false);
        }
        var found = new ArrayList<ObjectNode>();
        String last = null;
        int remaining = 0;
        for (var entry : range.entrySet()) {
            if (selection.matches(entry.getValue())) {
                if (found.size() == limit) {
                    remaining++;
                } else {
                    found.add(entry.getValue());
                    last = entry.getKey();
                }
            }
        }
        return new Page(found, from, remaining > 0 ? last : null, remaining);
    }

    EventLog log(ResourceType type) {
        return shelf(type).log;
    }

    void close() {
        shelves.values().forEach(shelf -> shelf.log.close());
    }

    private Shelf shelf(ResourceType type) {
        Shelf shelf = shelves.get(type);
        if (shelf == null) {
            throw ApiFailure.noSuchPath();
        }
        return shelf;
    }

    private static String key(ObjectNode object) {
        return key(Metadata.namespace(object), Metadata.name(object));
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
