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
 * The store of an informer. It keeps a stub of each object, with which the informer recognizes additions, changes and deletions. The facts are taken
 * from the whole object when it comes in, so they are complete before an event handler is called.
 */
final class StubStore<T extends HasMetadata> implements ItemStore<T> {
    private final Map<String, T> stubs = new ConcurrentHashMap<>();
    private final UnaryOperator<T> stub;
    private final Facts<T> facts;

    /** Receives the facts. */
    interface Facts<T> {
        /** Takes in {@code now}; {@code before} is the stub of the former object, null if there was none. */
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

    /** False, because a stub is not the whole object. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
