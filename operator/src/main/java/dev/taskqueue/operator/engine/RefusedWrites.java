package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.Obstacle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A lane's deliveries whose outcome the API server refuses to write. One write at a time is repeated, each time of another delivery, with growing
 * pauses. Once one succeeds, the others follow.
 *
 * <p>It is also a circuit breaker. After {@value #BREAKS_AT} refused writes in a row no request leaves the lane, since its outcome could not be
 * written either (open). After a pause one request at a time may leave (half-open), since the refusals may concern those Tasks alone. The first
 * write that succeeds closes the breaker. The lane's lock guards it.
 */
final class RefusedWrites {
    private static final int BREAKS_AT = 3;
    private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(30).toNanos();

    private final Set<Delivery> waiting = new LinkedHashSet<>();
    private final Set<Delivery> underway = new LinkedHashSet<>();
    private @Nullable Obstacle obstacle;
    private int inARow;
    private boolean allAtOnce;
    private long pause = FIRST_PAUSE;
    private long probeAt;
    private long trialPause = FIRST_PAUSE;
    private long trialAt;

    /** A write was refused for the first time; its delivery waits here already. */
    void refused(Delivery delivery, String why, long nanos) {
        setObstacle(delivery, why);
        if (waiting.size() == 1 && underway.isEmpty()) {
            allAtOnce = false;
            pause = FIRST_PAUSE;
            probeAt = nanos + pause;
        }
        if (++inARow >= BREAKS_AT) {
            trialAt = nanos + trialPause;
            trialPause = Backoff.doubled(trialPause, LONGEST_PAUSE);
        }
    }

    /** A repeated write was refused; its delivery waits here again, behind the others. */
    void refusedAgain(Delivery delivery, String why, long nanos) {
        setObstacle(delivery, why);
        allAtOnce = false;
        if (underway.isEmpty()) {
            pause = Backoff.doubled(pause, LONGEST_PAUSE);
            probeAt = nanos + pause;
        }
    }

    private void setObstacle(Delivery delivery, String why) {
        obstacle = new Obstacle(
                Obstacle.Reason.WriteRefused,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, delivery.key.namespace(), ""),
                "What came of Task %s cannot be written: %s".formatted(delivery.key, why));
    }

    /** A write has succeeded. */
    void written() {
        inARow = 0;
        trialPause = FIRST_PAUSE;
    }

    /** A write that had been refused has succeeded: the others follow. */
    void rewritten() {
        allAtOnce = true;
        pause = FIRST_PAUSE;
    }

    /** Whether the breaker is open or half-open. */
    boolean isFailing() {
        return inARow >= BREAKS_AT && size() > 0;
    }

    /** Whether the breaker is open: nothing may leave. */
    boolean isBreaking(long nanos) {
        return isFailing() && trialAt - nanos > 0;
    }

    /**
     * Whether a request may leave: not while the breaker is open, and only alone while it is half-open.
     *
     * @param slots how many slots the lane's requests take, with this one
     */
    boolean admits(int slots, long nanos) {
        return !isBreaking(nanos) && !(isFailing() && slots > 1);
    }

    /** The obstacle that the deliveries here wait for; null before the first write was refused. */
    @Nullable Obstacle obstacle() {
        return obstacle;
    }

    /** The deliveries whose write is to be repeated now. */
    List<Delivery> due(long nanos) {
        if (waiting.isEmpty() || !underway.isEmpty()) {
            return List.of();
        }
        if (allAtOnce) {
            return List.copyOf(waiting);
        }
        return probeAt - nanos <= 0 ? List.of(waiting.iterator().next()) : List.of();
    }

    /** How long until the next write is repeated, in nanoseconds; {@link LaneTimer#NEVER} if none is. */
    long untilNext(long nanos) {
        long trial = isBreaking(nanos) ? trialAt - nanos : LaneTimer.NEVER;
        if (waiting.isEmpty() || !underway.isEmpty()) {
            return trial;
        }
        return allAtOnce ? 0 : Math.min(trial, Math.max(0, probeAt - nanos));
    }

    void addWaiting(Delivery delivery) {
        waiting.add(delivery);
    }

    void addUnderway(Delivery delivery) {
        underway.add(delivery);
    }

    void remove(Delivery delivery) {
        waiting.remove(delivery);
        underway.remove(delivery);
    }

    Collection<Delivery> all() {
        var all = new ArrayList<>(waiting);
        all.addAll(underway);
        return all;
    }

    int size() {
        return waiting.size() + underway.size();
    }
}
