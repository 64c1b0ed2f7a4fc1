package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Detection;
import java.time.Duration;
import java.util.Collection;
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

    /** How many wait, with the probe. */
    int size() {
        return waiting.size() + (probe == null ? 0 : 1);
    }

    /** Adds those that are due after {@code now}, in epoch milliseconds, with the probe. */
    void addDueAfter(long now, Collection<Delivery> found) {
        for (Delivery delivery : waiting.descendingSet()) {
            if (delivery.dueAt <= now) {
                break;
            }
            found.add(delivery);
        }
        if (probe != null && probe.dueAt > now) {
            found.add(probe);
        }
    }

    /** The first in the queue's order, with the probe; null if nothing waits here. */
    @Nullable Delivery first() {
        if (waiting.isEmpty()) {
            return probe;
        }
        Delivery first = waiting.first();
        return probe != null && probe.isBefore(first) ? probe : first;
    }

    boolean isOlderThan(BlockedGroup other) {
        return number < other.number;
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
