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
 * Redrives of whole queues. A new value of the annotation is first written down together with the time up to which Tasks count, and only what
 * is read back from there is acted on: so whoever goes on after a restart starts the same ones. Called for one queue by one thread at a time.
 */
final class RedriveOperation {
    private final Starter starter;
    private final ReportInterval pace = new ReportInterval();

    /** Starts Tasks again. */
    interface Starter {
        /**
         * All those that failed by then; may be asked any number of times.
         *
         * @return how many are left; empty while not every Task has been seen
         */
        OptionalInt redrive(QueueId queue, Instant failedBy);
    }

    RedriveOperation(Starter starter) {
        this.starter = starter;
    }

    /**
     * Does what is to be done now.
     *
     * @param asked the annotation's value; null where there is none, which calls nothing off
     * @param known {@code status.redrive}
     */
    OperationStep<Redrive> look(QueueId queue, @Nullable String asked, @Nullable Redrive known, Instant now) {
        if (asked != null && (known == null || !asked.equals(ActionValue.of(known.value())))) {
            pace.forget(queue);
            return new OperationStep<>(
                    new Redrive(asked, ceilMillis(now).toString(), null, null), OperationStep.AT_ONCE);
        }
        // A start that cannot be read was not written by us: nobody can tell which Tasks are meant.
        Instant startedAt = known == null ? null : Times.read(known.startTime()).orElse(null);
        if (known == null || known.completionTime() != null || startedAt == null) {
            return new OperationStep<>(known, null);
        }
        OptionalInt left = starter.redrive(queue, startedAt);
        if (left.isPresent() && left.getAsInt() == 0) {
            pace.forget(queue);
            String end = now.truncatedTo(ChronoUnit.SECONDS).toString();
            return new OperationStep<>(new Redrive(known.value(), known.startTime(), 0, end), null);
        }
        Duration pause = pace.untilNext(queue, now);
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

    /** What has failed by now has failed by then. */
    private static Instant ceilMillis(Instant now) {
        return now.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
    }
}
