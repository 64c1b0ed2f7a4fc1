package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When a Task's next attempt may leave, from its object alone. Pure. */
public final class DueTime {
    private DueTime() {}

    /**
     * A retry's time as status has it; else the spec's, and never before the Task came into being.
     *
     * @param now when the object was first seen
     */
    public static Instant of(TaskObject task, @Nullable TaskSpec spec, Instant now) {
        TaskStatus status = task.status();
        Optional<Instant> next = Times.read(status.nextAttemptTime());
        if (status.dispatchCount() != null && status.dispatchCount() > 0 && next.isPresent()) {
            return next.get();
        }
        // The timestamp is cut to seconds, so the Task may have come into being almost a second later.
        Instant latest = task.createdAt().plus(Duration.ofSeconds(1));
        Instant created = now.isBefore(latest) ? now : latest;
        if (spec != null && spec.delay() != null) {
            return created.plus(Durations.parse(spec.delay()));
        }
        return Times.read(spec == null ? null : spec.scheduleTime())
                .filter(scheduled -> scheduled.isAfter(created))
                .orElse(created);
    }

    /** From when on no attempt may leave; null where the spec has no such time. */
    public static @Nullable Instant expiry(@Nullable TaskSpec spec) {
        return Times.read(spec == null ? null : spec.expireTime()).orElse(null);
    }
}
