package dev.taskqueue.operator.lease;

import dev.taskqueue.operator.engine.Clock;
import dev.taskqueue.operator.engine.Fence;
import java.time.Duration;

/**
 * Open while this process leads for certain: until {@code term} after the sending of the last renewal that was acknowledged.
 *
 * <p>Others take the lease a whole duration after they saw that renewal, so at least a duration after it was sent. {@code term} is two thirds of
 * that. The third between covers what lies between asking here and the request's arrival (a thread that is not run, a slow network) and
 * clocks that tick at different speeds.
 *
 * <p>A process that was stopped (SIGSTOP, a frozen cgroup) finds the time passed: the monotonic clock goes on. While a whole machine sleeps, Linux' does
 * not: so the fence closes as well when the wall clock says that the time is over. That one may jump, forward at worst: then the next
 * renewal opens the fence again, or shows that another leads.
 */
public final class LeaseFence implements Fence {
    private final String holder;
    private final Duration term;
    private final Clock clock;
    private volatile Phase phase = Phase.Standby;
    private volatile Until until = new Until(0, 0);

    private enum Phase {
        Standby,
        Leading,
        Released,
        Lost
    }

    private record Until(long nanos, long millis) {}

    /**
     * A closed one.
     *
     * @param holder names this process in the Lease and in claims
     * @param term how long a renewal keeps it open; less than the lease's duration
     */
    public LeaseFence(String holder, Duration term, Clock clock) {
        this.holder = holder;
        this.term = term;
        this.clock = clock;
    }

    @Override
    public boolean isOpen() {
        return phase == Phase.Leading && isInTime();
    }

    @Override
    public Outcomes outcomes() {
        return switch (phase) {
            case Standby, Lost -> new Outcomes.None();
            case Leading -> isInTime() ? new Outcomes.All() : new Outcomes.Later();
            case Released -> new Outcomes.OfClaims(holder);
        };
    }

    /** Whether the lease that was last acknowledged still counts. */
    boolean isInTime() {
        Until until = this.until;
        return clock.monotonic().getAsLong() - until.nanos() < 0 && clock.wall().millis() < until.millis();
    }

    /**
     * A renewal was acknowledged.
     *
     * @param sentAtNanos taken before it was sent
     * @param sentAtMillis the same by the wall clock
     */
    void renewed(long sentAtNanos, long sentAtMillis) {
        until = new Until(sentAtNanos + term.toNanos(), sentAtMillis + term.toMillis());
    }

    /** The lease is ours and what the former leader left is known: from now on this process acts. Not after it has been lost. */
    public synchronized void open() {
        if (phase == Phase.Standby) {
            phase = Phase.Leading;
        }
    }

    /** The lease is given back: only outcomes of claims are written from now on. */
    synchronized void release() {
        phase = phase == Phase.Leading ? Phase.Released : Phase.Lost;
    }

    /** Another one leads. Final. */
    synchronized void lose() {
        phase = Phase.Lost;
    }
}
