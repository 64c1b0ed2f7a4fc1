package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.dispatch.BatchPlace;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An item of a TaskBatch to deliver. Nothing is kept of it: its batch holds all that status and dead letters say. */
record DeliveredItem(ItemContent item) implements DeliveredObject {
    /** The average bytes of an item without its body. */
    private static final long OVERHEAD = 700;

    @Override
    public QueueId queue() {
        return item.queue();
    }

    @Override
    public RequestOwner owner() {
        return RequestOwner.batch(queue());
    }

    @Override
    public String shownName() {
        return item.shownName();
    }

    @Override
    public @Nullable DeadLetterOf deadLetterOf() {
        return item.deadLetterOf();
    }

    @Override
    public void addHeaders(Map<String, String> headers) {
        new BatchPlace(item.batch().name(), item.index(), item.size()).addTo(headers);
    }

    @Override
    public void beforeSend(EffectiveRequest request, QueueProfile profile, Target target) {
        // The status of a batch has no summary of a request.
    }

    @Override
    public void afterFailure(QueueProfile profile) {
        // The batch makes its dead letters from its own spec.
    }

    @Override
    public long size() {
        return OVERHEAD;
    }

    @Override
    public String toString() {
        return "item " + item.index() + " of TaskBatch " + item.batch();
    }
}
