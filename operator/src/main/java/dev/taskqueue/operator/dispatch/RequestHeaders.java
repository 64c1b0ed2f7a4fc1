package dev.taskqueue.operator.dispatch;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The headers of one request: a map that ignores the case of names and keeps their order. A request has some twenty headers, of names that mostly differ in
 * length, so to compare each of them is cheaper than a sorted map.
 */
final class RequestHeaders extends AbstractMap<String, String> {
    private final List<Entry<String, String>> entries;

    RequestHeaders(Map<String, String> first, int expected) {
        this.entries = new ArrayList<>(expected);
        putAll(first);
    }

    private int find(@Nullable Object name) {
        if (name instanceof String wanted) {
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).getKey().equalsIgnoreCase(wanted)) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** The name stays as it was written first. */
    @Override
    public @Nullable String put(String name, String value) {
        int known = find(name);
        if (known >= 0) {
            return entries.get(known).setValue(value);
        }
        entries.add(new SimpleEntry<>(name, value));
        return null;
    }

    @Override
    public @Nullable String get(@Nullable Object name) {
        int known = find(name);
        return known < 0 ? null : entries.get(known).getValue();
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return find(name) >= 0;
    }

    @Override
    public @Nullable String remove(@Nullable Object name) {
        int known = find(name);
        return known < 0 ? null : entries.remove(known).getValue();
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<String, String>> iterator() {
                return entries.iterator();
            }

            @Override
            public int size() {
                return entries.size();
            }
        };
    }
}
