package dev.taskqueue.operator.lease;

import org.jspecify.annotations.Nullable;

/**
 * The Lease as this process last saw it, and since when by its own monotonic clock.
 *
 * @param record the Lease as last seen; null = there is none
 * @param last the last Lease that existed; null = this process never saw one
 * @param atNanos when {@code last} was first seen in that version. It was written before that
 */
record ObservedLease(@Nullable LeaseRecord record, @Nullable LeaseRecord last, long atNanos) {
    static final ObservedLease NOTHING = new ObservedLease(null, null, 0);

    /** Takes in a Lease that was read. The watch and the answers to requests can overtake each other, so an older version is ignored. */
    ObservedLease plus(@Nullable LeaseRecord seen, long nanos) {
        if (seen == null) {
            return new ObservedLease(null, last, atNanos);
        }
        if (last != null && seen.version() < last.version()) {
            return this;
        }
        boolean known = last != null && seen.version() == last.version();
        return known
                ? new ObservedLease(record == null ? null : seen, seen, atNanos)
                : new ObservedLease(seen, seen, nanos);
    }
}
