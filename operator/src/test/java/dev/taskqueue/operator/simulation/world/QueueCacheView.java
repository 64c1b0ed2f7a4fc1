package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.api.TaskQueue;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The queues that the controller knows, as the reconciler asks for them. */
final class QueueCacheView {
    private final Map<String, TaskQueue> cache;
    private final Map<String, Function<TaskQueue, List<String>>> indexers = new HashMap<>();

    QueueCacheView(Map<String, TaskQueue> cache) {
        this.cache = cache;
    }

    @SuppressWarnings("unchecked")
    EventSourceContext<TaskQueue> asContext() {
        Object queues = Proxy.newProxyInstance(
                IndexerResourceCache.class.getClassLoader(), new Class<?>[] {IndexerResourceCache.class}, this::call);
        return new EventSourceContext<>((IndexerResourceCache<TaskQueue>) queues, null, null, TaskQueue.class);
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object call(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "addIndexer" -> indexers.put((String) arguments[0], (Function<TaskQueue, List<String>>) arguments[1]);
            case "get" -> {
                var id = (ResourceID) arguments[0];
                yield Optional.ofNullable(cache.get(id.getNamespace().orElse("") + "/" + id.getName()));
            }
            case "byIndex" -> byIndex((String) arguments[0], (String) arguments[1]);
            default -> throw new UnsupportedOperationException(method.getName());
        };
    }

    private List<TaskQueue> byIndex(String index, String value) {
        Function<TaskQueue, List<String>> indexer = Objects.requireNonNull(indexers.get(index));
        return cache.values().stream()
                .filter(queue -> indexer.apply(queue).contains(value))
                .toList();
    }
}
