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

/** Knows which queues have a dead-letter queue. Whether dead letters would form a chain depends on another queue, which may change at any time. */
final class DeadLetterIndex {
    private static final String BY_RECIPIENT = "recipient";

    private final Consumer<ResourceID> reconcileAgain;
    /** The queues with a dead-letter queue, among those reconciled so far. */
    private final Set<QueueId> senders = ConcurrentHashMap.newKeySet();

    private @Nullable IndexerResourceCache<TaskQueue> queues;

    DeadLetterIndex(Consumer<ResourceID> reconcileAgain) {
        this.reconcileAgain = reconcileAgain;
    }

    /** Sets the cache of all queues. It is called before the cache holds any, and before the first queue is reconciled. */
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

    /** Whether a queue has a dead-letter queue; false for a queue that does not exist. */
    boolean sendsOn(QueueId queue) {
        return queues().get(new ResourceID(queue.name(), queue.namespace()))
                .filter(found -> !of(found).isEmpty())
                .isPresent();
    }

    /** Whether there is such a queue, as far as the cache knows. It holds all queues before the first one is reconciled. */
    boolean exists(QueueId queue) {
        return queues().get(new ResourceID(queue.name(), queue.namespace())).isPresent();
    }

    /** A queue was created, or deleted: the queues that send their dead letters to it are reconciled again. */
    void createdOrDeleted(QueueId queue) {
        reconcileSendersTo(queue);
    }

    /**
     * A queue was reconciled, or deleted. If it begins or stops to have a dead-letter queue, the queues that send their dead letters to it are
     * reconciled again.
     */
    void update(QueueId queue, boolean sendsOn) {
        if (sendsOn ? senders.add(queue) : senders.remove(queue)) {
            reconcileSendersTo(queue);
        }
    }

    private void reconcileSendersTo(QueueId queue) {
        queues().byIndex(BY_RECIPIENT, queue.toString())
                .forEach(sender -> reconcileAgain.accept(ResourceID.fromResource(sender)));
    }

    private IndexerResourceCache<TaskQueue> queues() {
        return Objects.requireNonNull(queues, "follow() comes first");
    }
}
