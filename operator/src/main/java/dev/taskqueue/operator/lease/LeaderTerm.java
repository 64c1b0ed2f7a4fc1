package dev.taskqueue.operator.lease;

/**
 * The term of this process as the leader: in which phase it is, and until when the last acknowledged renewal lets it act. Pure: every event
 * makes a new value of it.
 *
 * <pre>
 * Standby -> TakingOver -> Leading <-> Suspended -> Released | Lost
 * </pre>
 *
 * @param until when the last acknowledged renewal ends
 */
record LeaderTerm(Phase phase, Moment until) {
    static final LeaderTerm NONE = new LeaderTerm(Phase.Standby, new Moment(0, 0));

    enum Phase {
        /** Another process leads, or nobody does. */
        Standby,
        /** This process holds the Lease. It is not known yet what the former leader left, so nothing is sent or written. */
        TakingOver,
        /** This process acts. */
        Leading,
        /** The last renewal has ended. Nobody else has been seen with the Lease, so the next renewal lets this process act again. */
        Suspended,
        /** The Lease was given back after this process had led. Final. */
        Released,
        /** This process does not lead any more, and has nothing to write. Final. */
        Lost
    }

    /**
     * An instant by both clocks.
     *
     * @param nanos monotonic
     * @param millis of the wall clock
     */
    record Moment(long nanos, long millis) {
        boolean isBefore(Moment end) {
            return nanos - end.nanos < 0 && millis < end.millis;
        }

        Moment plus(java.time.Duration duration) {
            return new Moment(nanos + duration.toNanos(), millis + duration.toMillis());
        }
    }

    /** The term at a moment. A term whose renewal has ended is suspended by the passing of time alone. */
    LeaderTerm at(Moment now) {
        return phase == Phase.Leading && !now.isBefore(until) ? in(Phase.Suspended) : this;
    }

    /** A renewal was acknowledged, perhaps the first one, which acquired the Lease. */
    LeaderTerm renewed(Moment end, Moment now) {
        Phase next = switch (phase) {
            case Standby, TakingOver -> Phase.TakingOver;
            case Leading, Suspended -> Phase.Leading;
            case Released, Lost -> phase;
        };
        return new LeaderTerm(next, end).at(now);
    }

    /** It is known what the former leader left. */
    LeaderTerm tookOver(Moment now) {
        return phase == Phase.TakingOver ? in(Phase.Leading).at(now) : at(now);
    }

    /** The Lease is given back. A process that never led has no claims. */
    LeaderTerm released() {
        return switch (phase) {
            case Leading, Suspended -> in(Phase.Released);
            case Standby, TakingOver -> in(Phase.Lost);
            case Released, Lost -> this;
        };
    }

    /** Another process may lead. After giving the Lease back that is expected. */
    LeaderTerm lost() {
        return phase == Phase.Released ? this : in(Phase.Lost);
    }

    /** Whether this process held the Lease when it last read it. */
    boolean isOurs() {
        return switch (phase) {
            case TakingOver, Leading, Suspended -> true;
            case Standby, Released, Lost -> false;
        };
    }

    private LeaderTerm in(Phase next) {
        return new LeaderTerm(next, until);
    }
}
