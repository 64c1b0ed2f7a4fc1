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
 * All objects, in memory. What is handed in belongs to the store and is never changed again; what is handed out must not be changed. A write
 * names the object it is based on and does nothing where that is no longer the one stored: whoever writes reads again and decides again.
 */
final class Store {
    /** Enough for a client that lists a thousand Tasks while they run; few enough that large bodies fit into a laptop's heap. */
    private static final int EVENTS_KEPT = 4_000;

    private final Map<ResourceType, Shelf> shelves = new HashMap<>();
    private long version = 1;

    private record Shelf(ConcurrentSkipListMap<String, ObjectNode> objects, EventLog log) {}

    /**
     * Part of a list.
     *
     * @param version where to watch from, to miss nothing after this page
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

    /** False where there is already one of that name. */
    boolean create(ResourceType type, ObjectNode object) {
        return write(type, key(object), null, object);
    }

    /** False where {@code before} is no longer the one stored. */
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

    /** False where {@code before} is no longer the one stored. */
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

    /** The very object: an equal one of another version is another one. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isStored(Shelf shelf, String key, @Nullable ObjectNode object) {
        return shelf.objects.get(key) == object;
    }

    synchronized long version() {
        return version;
    }

    /**
     * A page of a list in the order of keys. Later pages show objects as they are then, so a watch from the first page's version may tell of
     * some of them again, and never misses one.
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
