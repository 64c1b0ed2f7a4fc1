package dev.taskqueue.operator.lease;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides the next step with the Lease from what was observed. Pure. The lease of another process is over when this process has seen no change for
 * its whole duration by its own monotonic clock. Wall clocks of two machines are never compared.
 *
 * @param me the holder name of this process
 * @param duration how long a lease of this process lasts; used also for a Lease that has no duration
 * @param period the time between two renewals
 * @param patience how long to wait after the end of another's lease, so that not all standbys act at once
 */
record LeaseRules(String me, Duration duration, Duration period, Duration patience) {

    /**
     * For a process that does not lead.
     *
     * @param now monotonic nanoseconds
     */
    LeaseDecision standby(ObservedLease seen, long now) {
        LeaseRecord last = seen.last();
        if (last == null || (seen.record() != null && (last.isFree() || last.isHeldBy(me)))) {
            // This process holds it already: an answer to its own request was lost. It counts once an answer arrives.
            return new LeaseDecision.Acquire();
        }
        // After a deletion the former holder may go on until it notices, or until its renewal fails.
        Duration left = term(last).plus(patience).minusNanos(now - seen.atNanos());
        return left.isPositive() ? new LeaseDecision.Wait(last.holder(), left) : new LeaseDecision.Acquire();
    }

    /**
     * For the process that leads, or led when it last checked.
     *
     * @param renewedAt when its last successful renewal was sent; monotonic nanoseconds
     */
    LeaseDecision leader(ObservedLease seen, long renewedAt, long now) {
        LeaseRecord record = seen.record();
        if (record == null) {
            return new LeaseDecision.Lost("it was deleted");
        }
        if (record.isFree()) {
            return new LeaseDecision.Lost("it was emptied");
        }
        if (!record.isHeldBy(me)) {
            return new LeaseDecision.Lost(record.holder() + " has it");
        }
        Duration left = period.minusNanos(now - renewedAt);
        return left.isPositive() ? new LeaseDecision.Wait(me, left) : new LeaseDecision.Renew();
    }

    private Duration term(LeaseRecord record) {
        return record.isFree() ? Duration.ZERO : record.duration().isZero() ? duration : record.duration();
    }

    /** The Lease to write when this process takes or renews it. */
    LeaseRecord ours(@Nullable LeaseRecord seen, java.time.Instant now) {
        return seen == null ? LeaseRecord.first(me, duration, now) : seen.takenBy(me, duration, now);
    }
}
