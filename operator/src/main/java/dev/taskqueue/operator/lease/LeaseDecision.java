package dev.taskqueue.operator.lease;

import java.time.Duration;

/** What is to be done about the Lease. */
sealed interface LeaseDecision {
    /** Nobody holds it any more: take it. */
    record Acquire() implements LeaseDecision {}

    /** It is ours and to be renewed. */
    record Renew() implements LeaseDecision {}

    /**
     * Nothing is to be done for so long, unless the Lease changes.
     *
     * @param holder who has it; empty = nobody
     */
    record Wait(String holder, Duration atMost) implements LeaseDecision {}

    /**
     * It was ours and is not any more.
     *
     * @param why a clause that names the Lease's new state
     */
    record Lost(String why) implements LeaseDecision {}
}
