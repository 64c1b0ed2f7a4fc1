package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.QueueProfile;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whose dead letters go where: whether a queue's lead to a chain hangs on another queue, which may change at any time. */
final class DeadLetterIndex {
    private static final String BY_RECIPIENT = "recipient";

    private final Consumer<ResourceID> judgeAnew;
    /** The queues with a dead-letter queue, as far as they were looked at. */
    private final Set<QueueId> senders = ConcurrentHashMap.newKeySet();

    private @Nullable IndexerResourceCache<TaskQueue> queues;

    DeadLetterIndex(Consumer<ResourceID> judgeAnew) {
        this.judgeAnew = judgeAnew;
    }

    /** All queues; to be told before the first is reconciled, and before there are any. */
    void follow(IndexerResourceCache<TaskQueue> all) {
        all.addIndexer(BY_RECIPIENT, DeadLetterIndex::of);
        queues = all;
    }

    private static List<String> of(TaskQueue queue) {
        String name = queue.getSpec() == null ? null : QueueProfile.deadLetterQueue(queue.getSpec());
        return name == null
                ? List.of()
                : List.of(new QueueId(queue.getMetadata().getNamespace(), name).toString());
    }

    /** Whether a queue has a dead-letter queue; false where it does not exist. */
    boolean sendsOn(QueueId queue) {
        return queues().get(new ResourceID(queue.name(), queue.namespace()))
                .filter(found -> !of(found).isEmpty())
                .isPresent();
    }

    /** A queue was looked at, or is gone: where it is news whether it sends on, those whose dead letters it gets are judged anew. */
    void tell(QueueId queue, boolean sendsOn) {
        if (sendsOn ? senders.add(queue) : senders.remove(queue)) {
            queues().byIndex(BY_RECIPIENT, queue.toString())
                    .forEach(sender -> judgeAnew.accept(ResourceID.fromResource(sender)));
        }
    }

    private IndexerResourceCache<TaskQueue> queues() {
        return Objects.requireNonNull(queues, "follow() comes first");
    }
}
