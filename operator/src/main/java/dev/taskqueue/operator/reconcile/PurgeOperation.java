package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Engine;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Starts, follows and ends the purges that {@link PurgeOrder} finds. Called for one queue by one thread at a time. */
final class PurgeOperation {
    /** This long after the cutoff, every Task created before it has been seen. */
    private static final Duration SEEN_WITHIN = Duration.ofSeconds(2);

    private final Engine engine;
    private final Predicate<QueueId> allSeen;
    private final ReportInterval pace = new ReportInterval();
    /** When this process first followed the purge of a queue. */
    private final Map<QueueId, Instant> followedSince = new ConcurrentHashMap<>();

    /** @param allSeen whether every Task of the queue's namespace has been seen */
    PurgeOperation(Engine engine, Predicate<QueueId> allSeen) {
        this.engine = engine;
        this.allSeen = allSeen;
    }

    /**
     * Does the next step.
     *
     * @param value {@code spec.purgeBefore}
     * @param known {@code status.purge}
     * @param steady the present time by {@link dev.taskqueue.operator.engine.Clocks#steady}, for pauses
     */
    OperationStep<Purge> step(
            QueueId queue, @Nullable String value, @Nullable Purge known, Instant now, Instant steady) {
        return switch (PurgeOrder.of(value, known, now)) {
            case PurgeOrder.Nothing _ -> {
                forget(queue);
                yield new OperationStep<>(known, null);
            }
            case PurgeOrder.New(String written, Instant cutoff) -> {
                forget(queue);
                yield new OperationStep<>(
                        new Purge(written, cutoff.toString(), remaining(queue, cutoff), null), OperationStep.AT_ONCE);
            }
            case PurgeOrder.Open open -> {
                engine.purge(queue, open.cutoff());
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

    /** The cutoff is not later than the beginning of the purge. If the wall clock was set back since then, it says nothing for a while. */
    private boolean isSeen(QueueId queue, Instant cutoff, Instant now, Instant steady) {
        Instant began = followedSince.computeIfAbsent(queue, _ -> steady);
        return !now.isBefore(cutoff.plus(SEEN_WITHIN)) || !steady.isBefore(began.plus(SEEN_WITHIN));
    }

    /** The queue was deleted, or has no purge. */
    void forget(QueueId queue) {
        followedSince.remove(queue);
        pace.forget(queue);
        engine.endPurge(queue);
    }

    private @Nullable Integer remaining(QueueId queue, Instant cutoff) {
        return allSeen.test(queue) ? engine.countCreatedBefore(queue, cutoff) : null;
    }
}
