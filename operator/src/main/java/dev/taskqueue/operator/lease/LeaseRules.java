package dev.taskqueue.operator.lease;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about the Lease, given what was seen of it. Pure. Another one's lease is over when this process has seen no change of it
 * for its whole duration by its own monotonic clock: wall clocks of two machines are never compared.
 *
 * @param me who asks
 * @param duration how long a lease of ours holds; counts for others that do not say theirs
 * @param period from one renewal to the next
 * @param patience what is waited beyond the end of another's lease, so that not all who wait come at once
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
            // Ours already: an answer to our own request was lost. It counts once one arrives.
            return new LeaseDecision.Acquire();
        }
        // Of one that was deleted, the holder goes on until it notices or can no longer renew.
        Duration left = term(last).plus(patience).minusNanos(now - seen.atNanos());
        return left.isPositive() ? new LeaseDecision.Wait(last.holder(), left) : new LeaseDecision.Acquire();
    }

    /**
     * For the process that leads, or did when it last looked.
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

    /** What the Lease is to say once we have it, or have renewed it. */
    LeaseRecord ours(@Nullable LeaseRecord seen, java.time.Instant now) {
        return seen == null ? LeaseRecord.first(me, duration, now) : seen.takenBy(me, duration, now);
    }
}
