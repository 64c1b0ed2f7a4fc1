package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Computes from the object of a Task when its next attempt may leave. Pure. */
public final class DueTime {
    private DueTime() {}

    /**
     * The time of a retry from status, also of one in flight; for the first attempt the time in the spec, but not before the creation of the Task.
     *
     * @param now when the object was first seen
     * @param ahead how far the clock of {@code now} is ahead of the API server's, which creation times are by
     */
    public static Instant of(TaskObject task, @Nullable TaskSpec spec, Instant now, Duration ahead) {
        TaskStatus status = task.status();
        Claim claim = status.claim();
        Optional<Instant> next = Times.read(status.nextAttemptTime())
                .or(() -> claim == null ? Optional.empty() : Times.read(claim.scheduleTime()));
        if (status.dispatchCount() != null && status.dispatchCount() > 0 && next.isPresent()) {
            return next.get();
        }
        return first(task, spec, now, ahead);
    }

    /** The time of the first attempt. The queue's limit for unfinished Tasks begins then. */
    public static Instant first(TaskObject task, @Nullable TaskSpec spec, Instant now, Duration ahead) {
        Instant created = created(task.createdAt(), now, ahead);
        if (spec != null && spec.delay() != null) {
            return created.plus(Durations.parse(spec.delay()));
        }
        return Times.read(spec == null ? null : spec.scheduleTime())
                .filter(scheduled -> scheduled.isAfter(created))
                .orElse(created);
    }

    /**
     * When an object was created, by the clock of {@code now}; at the latest, if it is not known exactly.
     *
     * @param timestamp its creation time, by the API server's clock
     * @param now when the object was first seen
     */
    public static Instant created(Instant timestamp, Instant now, Duration ahead) {
        // The timestamp is cut to seconds, so the object may have been created almost a second later.
        Instant latest = timestamp.plus(ahead).plusSeconds(1);
        return now.isBefore(latest) ? now : latest;
    }

    /** The time from which on no attempt may leave; null if the spec has none. */
    public static @Nullable Instant expiry(@Nullable TaskSpec spec) {
        return Times.read(spec == null ? null : spec.expireTime()).orElse(null);
    }
}
