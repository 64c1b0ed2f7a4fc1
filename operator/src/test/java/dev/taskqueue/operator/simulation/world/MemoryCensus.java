package dev.taskqueue.operator.simulation.world;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what the maps and collections of an operator hold. It finds them by following the fields of our own classes. */
final class MemoryCensus {
    private static final String OURS = "dev.taskqueue.operator.";
    private static final String SIMULATED = OURS + "simulation.world.";
    /** Smaller ones are settings and fixed parts. */
    private static final int SMALL = 16;

    /** Shorter ones are names and messages. */
    private static final int SHORT = 4_096;

    /** Reading a field for the first time makes code for it, so the fields of a class are kept. */
    private static final Map<Class<?>, List<Field>> FIELDS = new HashMap<>();

    private final Set<Object> visited = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> next = new ArrayDeque<>();
    private final Map<String, Long> sizes = new TreeMap<>();

    private MemoryCensus() {}

    /**
     * The largest map or collection of each field that holds any, such as {@code TaskCache.records}, and as {@code text:} the length of the longest
     * text of each field that holds a long one.
     */
    static Map<String, Long> of(Object root) {
        var census = new MemoryCensus();
        census.visit(root);
        while (!census.next.isEmpty()) {
            census.follow(census.next.pop());
        }
        return census.sizes;
    }

    private void visit(@Nullable Object object) {
        if (object != null
                && object.getClass().getName().startsWith(OURS)
                && !object.getClass().getName().startsWith(SIMULATED)
                && !(object instanceof Enum<?>)
                && visited.add(object)) {
            next.push(object);
        }
    }

    private void follow(Object object) {
        for (Class<?> type = object.getClass();
                type != null && type.getName().startsWith(OURS);
                type = type.getSuperclass()) {
            for (Field field : FIELDS.computeIfAbsent(type, MemoryCensus::fields)) {
                follow(type.getSimpleName() + "." + field.getName(), value(field, object));
            }
        }
    }

    private static List<Field> fields(Class<?> type) {
        var fields = new ArrayList<Field>();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                field.setAccessible(true);
                fields.add(field);
            }
        }
        return fields;
    }

    private static @Nullable Object value(Field field, Object object) {
        try {
            return field.get(object);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void follow(String name, @Nullable Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                count(name, map.size());
                map.forEach((key, held) -> {
                    hold(name, key);
                    hold(name, held);
                });
            }
            case Collection<?> collection -> {
                count(name, collection.size());
                collection.forEach(held -> hold(name, held));
            }
            case null, default -> hold(name, value);
        }
    }

    private void hold(String name, @Nullable Object object) {
        if (object instanceof String text && text.length() > SHORT) {
            sizes.merge("text:" + name, (long) text.length(), Math::max);
        } else {
            visit(object);
        }
    }

    private void count(String name, int size) {
        if (size > SMALL) {
            sizes.merge(name, (long) size, Math::max);
        }
    }
}
