package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Redrive;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.ActionValue;
import dev.taskqueue.operator.task.Times;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Redrives whole queues. A new value of the annotation is first written into status together with the current time: Tasks that failed by then are
 * redriven. It is acted on when it is read back, so that the Tasks are the same after a restart. Called for one queue by one thread at a time.
 */
final class RedriveOperation {
    private final Starter starter;
    private final ReportInterval pace = new ReportInterval();

    /** Redrives Tasks. */
    interface Starter {
        /**
         * Redrives all Tasks that failed by the given time, each once for this value. May be called any number of times.
         *
         * @return how many are left; empty while not every Task has been seen
         */
        OptionalInt redrive(QueueId queue, String value, Instant failedBy);
    }

    RedriveOperation(Starter starter) {
        this.starter = starter;
    }

    /**
     * Does the next step.
     *
     * @param asked the annotation's value; null if there is none, which does not stop a redrive
     * @param known {@code status.redrive}
     * @param steady the present time by {@link dev.taskqueue.operator.engine.Clocks#steady}, for pauses
     */
    OperationStep<Redrive> step(
            QueueId queue, @Nullable String asked, @Nullable Redrive known, Instant now, Instant steady) {
        if (asked != null && (known == null || !asked.equals(ActionValue.of(known.value())))) {
            pace.forget(queue);
            return new OperationStep<>(new Redrive(asked, ceilMillis(now).toString(), null, null), null);
        }
        // Without a value, or with a start time that cannot be read, this operator did not write it: nobody knows which
        // Tasks are meant.
        Instant startedAt = known == null ? null : Times.read(known.startTime()).orElse(null);
        String value = known == null ? null : ActionValue.of(known.value());
        if (known == null || known.completionTime() != null || startedAt == null || value == null) {
            return new OperationStep<>(known, null);
        }
        OptionalInt left = starter.redrive(queue, value, startedAt);
        if (left.isPresent() && left.getAsInt() == 0) {
            pace.forget(queue);
            String end = now.truncatedTo(ChronoUnit.SECONDS).toString();
            return new OperationStep<>(new Redrive(known.value(), known.startTime(), 0, end), null);
        }
        Duration pause = pace.untilNext(queue, steady);
        if (pause.isPositive()) {
            return new OperationStep<>(known, pause);
        }
        Integer remaining = left.isPresent() ? (Integer) left.getAsInt() : null;
        return new OperationStep<>(
                new Redrive(known.value(), known.startTime(), remaining, null), ReportInterval.PAUSE);
    }

    void forget(QueueId queue) {
        pace.forget(queue);
    }

    /** Rounds up, so that a Task that has failed by now has failed by that time. */
    private static Instant ceilMillis(Instant now) {
        return now.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
    }
}
