package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Engine;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Starts, follows and ends the purges that {@link PurgeOrder} finds. Called for one queue by one thread at a time. */
final class Purges {
    /** How often {@code status.purge.remaining} is written at most. */
    static final Duration PAUSE = Duration.ofSeconds(2);
    /** So long after the cutoff, what was created before it has come in. */
    private static final Duration SETTLING = Duration.ofSeconds(2);

    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private final Engine engine;
    private final BooleanSupplier tasksKnown;
    /** When the progress of each purge that goes on was last counted. */
    private final Map<QueueId, Instant> countedAt = new ConcurrentHashMap<>();

    /**
     * What came of a look.
     *
     * @param told what {@code status.purge} is to say
     * @param again when to look again; null = when something changes
     */
    record Look(@Nullable Purge told, @Nullable Duration again) {}

    /** @param tasksKnown whether every Task that exists has been seen */
    Purges(Engine engine, BooleanSupplier tasksKnown) {
        this.engine = engine;
        this.tasksKnown = tasksKnown;
    }

    /**
     * Does what is to be done now.
     *
     * @param value {@code spec.purgeBefore}
     * @param known {@code status.purge}
     */
    Look look(QueueId queue, @Nullable String value, @Nullable Purge known, Instant now) {
        return switch (PurgeOrder.of(value, known, now)) {
            case PurgeOrder.Nothing _ -> {
                forget(queue);
                yield new Look(known, null);
            }
            case PurgeOrder.New(String written, Instant cutoff) -> {
                forget(queue);
                yield new Look(new Purge(written, cutoff.toString(), remaining(queue, cutoff), null), AT_ONCE);
            }
            case PurgeOrder.Open open -> {
                engine.purge(queue, open.cutoff());
                yield follow(queue, open.known(), open.cutoff(), now);
            }
        };
    }

    private Look follow(QueueId queue, Purge known, Instant cutoff, Instant now) {
        Integer remaining = remaining(queue, cutoff);
        if (remaining != null && remaining == 0 && !now.isBefore(cutoff.plus(SETTLING))) {
            forget(queue);
            String end = now.truncatedTo(ChronoUnit.SECONDS).toString();
            return new Look(new Purge(known.value(), known.cutoffTime(), 0, end), null);
        }
        Instant last = countedAt.get(queue);
        if (last != null && Duration.between(last, now).compareTo(PAUSE) < 0) {
            return new Look(known, PAUSE.minus(Duration.between(last, now)));
        }
        countedAt.put(queue, now);
        return new Look(new Purge(known.value(), known.cutoffTime(), remaining, null), PAUSE);
    }

    /** The queue is gone, or nothing of it is to be purged. */
    void forget(QueueId queue) {
        countedAt.remove(queue);
        engine.endPurge(queue);
    }

    private @Nullable Integer remaining(QueueId queue, Instant cutoff) {
        return tasksKnown.getAsBoolean() ? engine.createdBefore(queue, cutoff) : null;
    }
}
