package dev.taskqueue.operator.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Task of a manifest that is not created yet, checked by the same rules as after its creation.
 *
 * @param tracked whether its metadata already shows that Git, Helm or kubectl apply manages it
 * @param spec null if it cannot be read; then there is a {@code refusal}
 * @param dueAt when its first attempt may leave if it is created now
 * @param refusal why it would fail at once with InvalidSpec, in the words of the operator
 * @param obstacle why it would wait from the start: a setting of the operator, or its version
 */
public record TaskDraft(
        TaskId id,
        QueueId queue,
        boolean tracked,
        @Nullable TaskSpec spec,
        Instant dueAt,
        Optional<String> refusal,
        Optional<Obstacle> obstacle) {

    /**
     * The limits of an operator.
     *
     * @param maxScheduleAhead the longest time from the creation of a Task until it is due
     * @param maxDispatchDeadline the longest deadline that a Task may name
     */
    public record Limits(Duration maxScheduleAhead, Duration maxDispatchDeadline) {}

    /**
     * Checks the Task of a manifest as if it were created now.
     *
     * @param task with a name and a namespace
     */
    public static TaskDraft of(ObjectNode task, Limits limits, Instant now) {
        TaskObject object = TaskReader.read(asCreated(task, now));
        TaskSpec spec = object.spec();
        Optional<String> refusal = spec == null ? Optional.ofNullable(object.problem()) : SpecRules.problem(spec);
        if (spec == null || refusal.isPresent()) {
            return new TaskDraft(object.id(), object.queue(), object.tracked(), spec, now, refusal, Optional.empty());
        }
        Instant dueAt = DueTime.of(object, spec, now, Duration.ZERO);
        Optional<Obstacle> obstacle =
                new SpecRules(limits.maxScheduleAhead, limits.maxDispatchDeadline).limit(object, spec, dueAt);
        return new TaskDraft(object.id(), object.queue(), object.tracked(), spec, dueAt, refusal, obstacle);
    }

    /** The request that a queue with this target would send. */
    public HttpRequest request(@Nullable HttpTarget target) {
        return EffectiveRequest.merged(spec == null ? null : spec.httpRequest(), target);
    }

    /** The object with the fields that the API server adds. */
    private static ObjectNode asCreated(ObjectNode task, Instant now) {
        ObjectNode created = task.deepCopy();
        created.remove("status");
        created.withObject("metadata")
                .put("uid", "none")
                .put("resourceVersion", "1")
                .put("creationTimestamp", Times.formatSeconds(now));
        return created;
    }
}
