package dev.taskqueue.operator.lease;

import java.time.Duration;

/** The next step with the Lease. */
sealed interface LeaseDecision {
    /** Nobody holds the Lease any more: take it. */
    record Acquire() implements LeaseDecision {}

    /** This process holds the Lease: renew it. */
    record Renew() implements LeaseDecision {}

    /**
     * Wait for the given time, unless the Lease changes.
     *
     * @param holder who has it; empty = nobody
     */
    record Wait(String holder, Duration atMost) implements LeaseDecision {}

    /**
     * This process held the Lease and does not hold it any more.
     *
     * @param why a clause that names the Lease's new state
     */
    record Lost(String why) implements LeaseDecision {}
}
