package dev.taskqueue.operator.lease;

import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.lease.LeaderTerm.Moment;
import dev.taskqueue.operator.lease.LeaderTerm.Phase;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * Holds the {@link LeaderTerm} and answers from it. It is open while this process leads for certain: until {@code deadline} after the sending of
 * the last renewal that was acknowledged.
 *
 * <p>Others take the lease a whole duration after they saw that renewal, so at least a duration after it was sent. {@code deadline} is two thirds
 * of that. The third between covers what lies between asking here and the request's arrival (a thread that is not run, a slow network) and
 * clocks that tick at different speeds.
 *
 * <p>A process that was stopped (SIGSTOP, a frozen cgroup) finds the time passed: the monotonic clock goes on. While a whole machine sleeps, Linux' does
 * not: so the fence closes as well when the wall clock says that the time is over. That one may jump, forward at worst: then the next
 * renewal opens the fence again, or shows that another leads.
 */
public final class LeaseFence implements Fence {
    private final String holder;
    private final Duration deadline;
    private final Clocks clock;
    private final AtomicReference<LeaderTerm> term = new AtomicReference<>(LeaderTerm.NONE);

    /**
     * Makes a closed fence.
     *
     * @param holder names this process in the Lease and in claims
     * @param deadline how long a renewal keeps it open; less than the lease's duration
     */
    public LeaseFence(String holder, Duration deadline, Clocks clock) {
        this.holder = holder;
        this.deadline = deadline;
        this.clock = clock;
    }

    @Override
    public boolean isOpen() {
        return term().phase() == Phase.Leading;
    }

    @Override
    public Outcomes outcomes() {
        return switch (term().phase()) {
            case Standby, TakingOver, Lost -> new Outcomes.None();
            case Leading -> new Outcomes.All();
            case Suspended -> new Outcomes.Later();
            case Released -> new Outcomes.OfClaims(holder);
        };
    }

    /** The term as it is now. */
    LeaderTerm term() {
        return term.get().at(now());
    }

    Moment now() {
        return new Moment(clock.monotonic().getAsLong(), clock.wall().millis());
    }

    /** A renewal that was sent then was acknowledged. Returns the phase before. */
    Phase renewed(Moment sentAt) {
        return apply(before -> before.renewed(sentAt.plus(deadline), now()));
    }

    /** It is known what the former leader left. Returns the phase before. */
    Phase tookOver() {
        return apply(before -> before.tookOver(now()));
    }

    /** The lease is given back: only outcomes of claims are written from now on. */
    void release() {
        apply(LeaderTerm::released);
    }

    /** Another process leads. Final. */
    void lose() {
        apply(LeaderTerm::lost);
    }

    private Phase apply(UnaryOperator<LeaderTerm> event) {
        return term.getAndUpdate(event).at(now()).phase();
    }
}
