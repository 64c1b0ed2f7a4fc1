package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.domain.Occurrence;
import dev.taskqueue.operator.domain.QueueId;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What people should know of the difference between two statuses of a TaskQueue. Pure. */
final class QueueEvents {
    private static final String TRUE = "True";
    private static final String FALSE = "False";

    private final TaskQueue queue;
    private final QueueId id;
    private final @Nullable TaskQueueStatus before;
    private final TaskQueueStatus after;
    private final List<Occurrence> found = new ArrayList<>();

    private QueueEvents(TaskQueue queue, @Nullable TaskQueueStatus before, TaskQueueStatus after) {
        this.queue = queue;
        this.id = QueueReading.id(queue);
        this.before = before;
        this.after = after;
    }

    /**
     * Compares two statuses.
     *
     * @param queue the object that the second one was made from
     */
    static List<Occurrence> between(TaskQueue queue, @Nullable TaskQueueStatus before, TaskQueueStatus after) {
        var events = new QueueEvents(queue, before, after);
        events.problem(Conditions.Type.Ready, FALSE, "Configure", "The queue can be served again.");
        events.hold();
        events.problem(Conditions.Type.Throttled, TRUE, "Throttle", "The rate is not slowed down any more.");
        events.problem(Conditions.Type.Blocked, TRUE, "Wait", "No Task waits for something that must change any more.");
        return events.found;
    }

    /** @param bad the status of the condition that somebody should know of */
    private void problem(Conditions.Type type, String bad, String action, String over) {
        Condition last = condition(before, type);
        Condition now = condition(after, type);
        boolean was = last != null && bad.equals(last.getStatus());
        boolean is = now != null && bad.equals(now.getStatus());
        if (now != null && is) {
            if (last == null || !was || !now.getReason().equals(last.getReason())) {
                add(true, now.getReason(), action, now.getMessage());
            }
        } else if (now != null && was) {
            add(false, now.getReason(), action, over);
        }
    }

    private void hold() {
        Condition last = held(before);
        Condition now = held(after);
        if (now != null && (last == null || !now.getMessage().equals(last.getMessage()))) {
            add(false, Conditions.Reason.Held.name(), "Hold", now.getMessage());
        } else if (now == null && last != null) {
            boolean isThere = annotations().containsKey(Annotations.HOLD);
            add(
                    false,
                    "Released",
                    "Release",
                    isThere ? "The hold has ended by itself, at taskqueue.dev/hold-until." : "The hold was removed.");
        }
    }

    private static @Nullable Condition held(@Nullable TaskQueueStatus status) {
        Condition paused = condition(status, Conditions.Type.Paused);
        return paused != null && Conditions.Reason.Held.name().equals(paused.getReason()) ? paused : null;
    }

    private Map<String, String> annotations() {
        Map<String, String> annotations = queue.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    private static @Nullable Condition condition(@Nullable TaskQueueStatus status, Conditions.Type type) {
        if (status == null || status.conditions() == null) {
            return null;
        }
        return status.conditions().stream()
                .filter(known -> type.name().equals(known.getType()))
                .findFirst()
                .orElse(null);
    }

    private void add(boolean isWarning, String reason, String action, String note) {
        var subject = new Occurrence.Subject(
                Occurrence.Kind.TaskQueue,
                id.namespace(),
                id.name(),
                Objects.requireNonNullElse(queue.getMetadata().getUid(), ""));
        found.add(new Occurrence(subject, id, isWarning, reason, action, note));
    }
}
