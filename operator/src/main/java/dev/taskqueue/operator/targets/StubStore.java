package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer keeps of each object: a stub that is just enough for it to tell additions, changes and deletions apart. Facts are taken
 * from the whole object on its way in, so they are in place before any event handler hears of it.
 */
final class StubStore<T extends HasMetadata> implements ItemStore<T> {
    private final Map<String, T> stubs = new ConcurrentHashMap<>();
    private final UnaryOperator<T> stub;
    private final Facts<T> facts;

    /** Where the facts go. */
    interface Facts<T> {
        /** Takes in {@code now}; {@code before} is the stub of what was there, null where nothing was. */
        void put(@Nullable T before, T now);

        void remove(T before);
    }

    StubStore(UnaryOperator<T> stub, Facts<T> facts) {
        this.stub = stub;
        this.facts = facts;
    }

    @Override
    public String getKey(T object) {
        return Cache.metaNamespaceKeyFunc(object);
    }

    @Override
    public @Nullable T put(String key, T object) {
        facts.put(stubs.get(key), object);
        return stubs.put(key, stub.apply(object));
    }

    @Override
    public @Nullable T remove(String key) {
        T before = stubs.remove(key);
        if (before != null) {
            facts.remove(before);
        }
        return before;
    }

    @Override
    public @Nullable T get(String key) {
        return stubs.get(key);
    }

    @Override
    public Stream<String> keySet() {
        return stubs.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return stubs.values().stream();
    }

    @Override
    public int size() {
        return stubs.size();
    }

    /** A stub is not the object. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
