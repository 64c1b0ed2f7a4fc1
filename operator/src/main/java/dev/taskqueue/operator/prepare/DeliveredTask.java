package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.task.DeadLetterDraft;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskObject;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Task to deliver. Its record keeps what its status and its dead letter will say. */
record DeliveredTask(TaskObject task, TaskCache tasks) implements DeliveredObject {

    @Override
    public QueueId queue() {
        return task.queue();
    }

    @Override
    public RequestOwner owner() {
        return RequestOwner.task(queue());
    }

    @Override
    public String shownName() {
        return Objects.requireNonNullElse(
                task.requestedActions().key(), task.id().name());
    }

    @Override
    public @Nullable DeadLetterOf deadLetterOf() {
        return task.spec() == null ? null : task.spec().deadLetterOf();
    }

    @Override
    public void addHeaders(Map<String, String> headers) {
        // A Task has the headers of every delivery.
    }

    /** Keeps the summary for the status, if the queue has a part in the request, or once had. */
    @Override
    public void beforeSend(EffectiveRequest request, QueueProfile profile, Target target) {
        TaskRecord record = tasks.get(task.id());
        if (record != null
                && (profile.httpTarget() != null || record.writtenStatus().hasRequest())) {
            record.keepSentRequest(
                    StatusReader.round(task.status()), RequestSummaries.of(task, profile, request, target));
        }
    }

    /** Keeps the spec for a dead letter, because this failure may be the last. */
    @Override
    public void afterFailure(QueueProfile profile) {
        TaskSpec spec = task.spec();
        TaskRecord record = tasks.get(task.id());
        if (profile.deadLetterQueue() != null && spec != null && record != null) {
            record.keepDeadLetterDraft(
                    StatusReader.round(task.status()), DeadLetterDraft.of(task, spec, profile.httpTarget()));
        }
    }

    @Override
    public long size() {
        return SpecCache.size(task);
    }

    @Override
    public String toString() {
        return "Task " + task.id();
    }
}
