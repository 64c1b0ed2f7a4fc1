package dev.taskqueue.operator.lease;

import org.jspecify.annotations.Nullable;

/**
 * What this process knows of the Lease, and since when by its own monotonic clock.
 *
 * @param record as it was last seen; null = there is none
 * @param last as it was when there last was one; null = this process never saw one
 * @param atNanos when {@code last} was first seen in that version: whoever wrote it did so before
 */
record ObservedLease(@Nullable LeaseRecord record, @Nullable LeaseRecord last, long atNanos) {
    static final ObservedLease NOTHING = new ObservedLease(null, null, 0);

    /** Takes in what was read at a time. The watch and the answers to requests overtake each other: an older version is no news. */
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
