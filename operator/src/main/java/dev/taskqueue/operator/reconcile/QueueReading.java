package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a TaskQueue says at one moment.
 *
 * @param version its resourceVersion; 0 if that is no number
 * @param hold null if nobody holds it now
 */
record QueueReading(
        QueueId id,
        long version,
        TaskQueue queue,
        TaskQueueSpec spec,
        @Nullable Hold hold,
        Judgement judgement) {
    private static final TaskQueueSpec EMPTY_SPEC =
            new TaskQueueSpec(null, null, null, null, null, null, null, null, null, null, null);

    /**
     * Reads a queue.
     *
     * @param now by the wall clock
     * @param sendsOn whether a queue has a dead-letter queue itself
     */
    static QueueReading of(TaskQueue queue, Instant now, Predicate<QueueId> sendsOn) {
        QueueId id = id(queue);
        Hold hold = Hold.of(queue.getMetadata().getAnnotations(), now);
        TaskQueueSpec spec = queue.getSpec() == null ? EMPTY_SPEC : queue.getSpec();
        return new QueueReading(
                id, version(queue), queue, spec, hold, QueueRules.judge(id, spec, hold != null, sendsOn));
    }

    static QueueId id(TaskQueue queue) {
        return new QueueId(
                queue.getMetadata().getNamespace(), queue.getMetadata().getName());
    }

    private static long version(TaskQueue queue) {
        try {
            return Long.parseLong(queue.getMetadata().getResourceVersion());
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    /** Whether no operator has reported on the queue yet. */
    boolean isNew() {
        return queue.getStatus() == null || queue.getStatus().observedGeneration() == null;
    }
}
