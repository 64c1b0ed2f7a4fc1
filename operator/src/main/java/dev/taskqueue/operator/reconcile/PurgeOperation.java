package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Engine;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Starts, follows and ends the purges that {@link PurgeOrder} finds. Called for one queue by one thread at a time. */
final class PurgeOperation {
    /** How long Tasks of before may still come in: if the clock of this machine is ahead without notice, the cutoff is, too. */
    private static final Duration SEEN_WITHIN = Duration.ofSeconds(2);

    private final Engine engine;
    private final QueueTasks tasks;
    private final ReportInterval pace = new ReportInterval();
    private final Map<QueueId, Beginning> beginnings = new ConcurrentHashMap<>();

    /**
     * What a queue says.
     *
     * @param version its resourceVersion; 0 if that is unknown
     * @param value {@code spec.purgeBefore}
     * @param known {@code status.purge}
     */
    record Reading(
            QueueId queue,
            long version,
            @Nullable String value,
            @Nullable Purge known) {}

    /**
     * When this process first followed the purge of a queue.
     *
     * @param version of the queue. Whoever has seen this version of the Tasks has seen every Task that was created before
     */
    private record Beginning(Instant steady, long version) {}

    PurgeOperation(Engine engine, QueueTasks tasks) {
        this.engine = engine;
        this.tasks = tasks;
    }

    /**
     * Does the next step.
     *
     * @param steady the present time by {@link dev.taskqueue.operator.engine.Clocks#steady}, for pauses
     */
    OperationStep<Purge> step(Reading reading, Instant now, Instant steady) {
        QueueId queue = reading.queue();
        return switch (PurgeOrder.of(reading.value(), reading.known(), now)) {
            case PurgeOrder.Nothing _ -> {
                forget(queue);
                yield new OperationStep<>(reading.known(), null);
            }
            case PurgeOrder.New(String written, Instant cutoff) -> {
                forget(queue);
                yield new OperationStep<>(new Purge(written, cutoff.toString(), remaining(queue, cutoff), null), null);
            }
            case PurgeOrder.Open open -> {
                engine.purge(queue, open.cutoff());
                beginnings.putIfAbsent(queue, new Beginning(steady, reading.version()));
                yield follow(queue, open, now, steady);
            }
        };
    }

    private OperationStep<Purge> follow(QueueId queue, PurgeOrder.Open open, Instant now, Instant steady) {
        Purge known = open.known();
        Integer remaining = remaining(queue, open.cutoff());
        if (remaining != null && remaining == 0 && isSeen(queue, open.cutoff(), now, steady)) {
            forget(queue);
            String end = now.truncatedTo(ChronoUnit.SECONDS).toString();
            return new OperationStep<>(new Purge(known.value(), known.cutoffTime(), 0, end), null);
        }
        Duration pause = pace.untilNext(queue, steady);
        return pause.isPositive()
                ? new OperationStep<>(known, pause)
                : new OperationStep<>(
                        new Purge(known.value(), known.cutoffTime(), remaining, null), ReportInterval.PAUSE);
    }

    /**
     * Whether every Task has been seen that was created before the cutoff. The cutoff is not later than the beginning of the purge, but the clock that
     * it is by may be that of this machine. If the wall clock was set back since then, it says nothing for a while.
     */
    private boolean isSeen(QueueId queue, Instant cutoff, Instant now, Instant steady) {
        Beginning began = Objects.requireNonNull(beginnings.get(queue), "the purge is not followed");
        boolean isOver = !now.isBefore(cutoff.plus(SEEN_WITHIN))
                || !steady.isBefore(began.steady().plus(SEEN_WITHIN));
        return isOver && tasks.hasSeen(queue.namespace(), began.version());
    }

    /** The queue was deleted, or has no purge. */
    void forget(QueueId queue) {
        beginnings.remove(queue);
        pace.forget(queue);
        engine.endPurge(queue);
    }

    private @Nullable Integer remaining(QueueId queue, Instant cutoff) {
        return tasks.isSynced(queue.namespace()) ? engine.countCreatedBefore(queue, cutoff) : null;
    }
}
