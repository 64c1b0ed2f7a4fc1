package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Detection;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The deliveries of a lane that wait for the same obstacle. {@code BlockedDeliveries} owns it. */
final class BlockedGroup {
    /** By the time of the next probe, ties by age. */
    static final Comparator<BlockedGroup> BY_TIME = BlockedGroup::compareByTime;

    private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(30).toNanos();

    private final NavigableSet<Delivery> waiting = new TreeSet<>(Delivery.ORDER);
    private final long number;
    private Obstacle obstacle;
    private @Nullable Delivery probe;
    /** The last probe, if the next probe is to be the delivery after it; else null. */
    private @Nullable Delivery lastProbe;

    private boolean needsProbe;
    private long pause = FIRST_PAUSE;
    private long probeAt;

    /**
     * A group without deliveries.
     *
     * @param number differs from that of every other group of the lane
     * @param now monotonic nanoseconds
     */
    BlockedGroup(Obstacle obstacle, long number, long now) {
        this.obstacle = obstacle;
        this.number = number;
        this.probeAt = now + pause;
    }

    /** Without the probe. */
    NavigableSet<Delivery> waiting() {
        return waiting;
    }

    Obstacle obstacle() {
        return obstacle;
    }

    Detection detection() {
        return obstacle.subject().kind().detection();
    }

    @Nullable Delivery probe() {
        return probe;
    }

    boolean isProbing() {
        return probe != null;
    }

    /** Whether the object may have changed since the last probe. */
    void needsProbe(boolean needed) {
        needsProbe = needed;
    }

    boolean isToBeProbed() {
        return needsProbe;
    }

    /** Monotonic nanoseconds. */
    long probeAt() {
        return probeAt;
    }

    /**
     * Takes the first delivery as the probe, since the others would meet the same. If the API server fails, it takes the delivery after the last
     * probe: that failure may concern the last probe alone.
     */
    Delivery beginProbe() {
        Delivery behind = lastProbe == null ? null : waiting.higher(lastProbe);
        Delivery next = behind == null ? waiting.first() : behind;
        waiting.remove(next);
        probe = next;
        lastProbe = obstacle.subject().kind() == Obstacle.Kind.ApiServer ? next : null;
        return next;
    }

    void endProbe() {
        probe = null;
    }

    /** The probe has met the group's obstacle again. */
    void stillBlocked(Obstacle found, long now) {
        obstacle = found;
        probeAt = now + pause;
        pause = Backoff.doubled(pause, LONGEST_PAUSE);
    }

    /** How many are due by {@code now}, in epoch milliseconds, with the probe. */
    int dueBy(long now) {
        int due = waiting.isEmpty() || waiting.last().dueAt <= now
                ? waiting.size()
                : (int) waiting.stream()
                        .takeWhile(delivery -> delivery.dueAt <= now)
                        .count();
        return due + (probe != null && probe.dueAt <= now ? 1 : 0);
    }

    void shift(long before, long moved) {
        for (Delivery delivery : List.copyOf(waiting)) {
            if (delivery.staysDue(before, moved)) {
                waiting.remove(delivery);
                delivery.dueAt += moved;
                waiting.add(delivery);
            }
        }
    }

    private static int compareByTime(BlockedGroup one, BlockedGroup other) {
        int byTime = Long.signum(one.probeAt - other.probeAt);
        return byTime != 0 ? byTime : Long.compare(one.number, other.number);
    }
}
