package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.task.ActionValue;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stores the TaskQueues of Java Operator SDK without annotations of others and managed fields. Nobody here reads those, and users may write any
 * amount of them. One store serves one informer.
 */
public final class TaskQueueStore extends BasicItemStore<TaskQueue> {
    /** Far longer than the shown part of a hold, and than a time. */
    private static final int LONGEST = 2_000;

    public TaskQueueStore() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable TaskQueue put(String key, TaskQueue queue) {
        return super.put(key, small(queue));
    }

    private static TaskQueue small(TaskQueue queue) {
        var small = new TaskQueue();
        small.setApiVersion(queue.getApiVersion());
        small.setKind(queue.getKind());
        small.setMetadata(small(queue.getMetadata()));
        small.setSpec(queue.getSpec());
        small.setStatus(queue.getStatus());
        return small;
    }

    private static ObjectMeta small(ObjectMeta metadata) {
        return new ObjectMetaBuilder(metadata)
                .withManagedFields()
                .withLabels(Map.of())
                .withAnnotations(ours(metadata.getAnnotations()))
                .build();
    }

    private static Map<String, String> ours(@Nullable Map<String, String> annotations) {
        var ours = new HashMap<String, String>();
        if (annotations != null) {
            annotations.forEach((name, value) -> {
                switch (name) {
                    case Annotations.HOLD, Annotations.HOLD_UNTIL ->
                        ours.put(name, value.length() <= LONGEST ? value : value.substring(0, LONGEST));
                    case Annotations.REDRIVE -> ours.put(name, ActionValue.of(value));
                    default -> {
                        // nobody reads it
                    }
                }
            });
        }
        return ours;
    }
}
