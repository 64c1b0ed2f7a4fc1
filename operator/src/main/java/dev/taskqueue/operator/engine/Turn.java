package dev.taskqueue.operator.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why a delivery that is due had not left at one moment, although nothing of its own kept it.
 *
 * @param at the moment; the cause may be another one later
 */
public record Turn(Instant at, Cause cause) {
    public sealed interface Cause {}

    /**
     * The queue dispatches nothing.
     *
     * @param words how it is paused, as the end of a sentence; empty if that is not known
     */
    public record Paused(By by, String words) implements Cause {
        public static final Paused UNKNOWN = new Paused(By.UNKNOWN, "");
    }

    /** What has paused a queue. */
    public enum By {
        /** {@code spec.state}. */
        SPEC,
        /** The annotation {@code taskqueue.dev/hold}. */
        HOLD,
        /** A spec that cannot be served. */
        INVALID_SPEC,
        UNKNOWN
    }

    /**
     * All slots of the queue are taken.
     *
     * @param longestSince when the oldest of these requests left; null if it is not known
     */
    public record SlotsTaken(int slots, @Nullable Instant longestSince) implements Cause {}

    /**
     * The rate does not allow another request yet.
     *
     * @param perSecond the rate in force
     * @param limit the rate that the queue's spec allows
     * @param before how many deliveries leave before this one, counted up to {@link TurnRules#MOST_COUNTED}
     */
    public record RateSpent(double perSecond, double limit, int before) implements Cause {}

    /** The operator has as many requests open as it may, over all queues. */
    public record OperatorFull() implements Cause {}

    /** Nothing keeps it: it leaves next, or as soon as it is prepared. */
    public record Next() implements Cause {}
}
