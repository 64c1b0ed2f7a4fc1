package dev.taskqueue.operator.simulation.apiserver;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All objects of one kind as they were at a version: the objects of now, and those that were changed since then as they were before. */
final class StoreView {
    private final NavigableMap<String, StoredObject> now;
    private final NavigableMap<String, Optional<StoredObject>> then = new TreeMap<>();

    StoreView(NavigableMap<String, StoredObject> now, ChangeHistory history, long version) {
        this.now = now;
        long first = history.firstAfter(version);
        for (long number = history.count() - 1; number >= first; number--) {
            StoreEvent event = history.at(number);
            then.put(event.key(), Optional.ofNullable(event.before()));
        }
    }

    /** The first object whose key is not before this one; null if there is none. */
    @Nullable StoredObject from(String key) {
        String at = key;
        while (true) {
            Map.Entry<String, StoredObject> live = now.ceilingEntry(at);
            Map.Entry<String, Optional<StoredObject>> past = then.ceilingEntry(at);
            if (past == null || (live != null && live.getKey().compareTo(past.getKey()) < 0)) {
                return live == null ? null : live.getValue();
            }
            if (past.getValue().isPresent()) {
                return past.getValue().get();
            }
            at = after(past.getKey());
        }
    }

    /** The number of objects with keys from {@code start} to just before {@code end}. */
    int count(String start, String end) {
        int count = now.subMap(start, end).size();
        for (var past : then.subMap(start, end).entrySet()) {
            count += (past.getValue().isPresent() ? 1 : 0) - (now.containsKey(past.getKey()) ? 1 : 0);
        }
        return count;
    }

    /** The least key after this one. */
    static String after(String key) {
        return key + "\0";
    }
}
