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
 * A Task that is not created yet, judged by the rules that will judge it.
 *
 * @param tracked whether its metadata already shows that Git, Helm or kubectl apply keeps it
 * @param spec null where it cannot be read; then there is a {@code refusal}
 * @param dueAt when its first attempt may leave, were it created now
 * @param refusal why it would fail at once with InvalidSpec, in the operator's words
 * @param obstacle what would keep it waiting from the start, for a setting or the version of the operator
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
     * What an operator allows.
     *
     * @param maxScheduleAhead how long after its creation a Task may be due
     * @param maxDispatchDeadline the longest one that a Task may ask for
     */
    public record Limits(Duration maxScheduleAhead, Duration maxDispatchDeadline) {}

    /**
     * Judges a manifest's Task as if it were created now.
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
        Instant dueAt = DueTime.of(object, spec, now);
        Optional<Obstacle> obstacle =
                new SpecRules(limits.maxScheduleAhead, limits.maxDispatchDeadline).limit(object, spec, dueAt);
        return new TaskDraft(object.id(), object.queue(), object.tracked(), spec, dueAt, refusal, obstacle);
    }

    /** What would be sent through a queue with this target. */
    public HttpRequest request(@Nullable HttpTarget target) {
        return EffectiveRequest.merged(spec == null ? null : spec.httpRequest(), target);
    }

    /** The object with what the API server adds. */
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
