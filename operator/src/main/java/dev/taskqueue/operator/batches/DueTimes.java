package dev.taskqueue.operator.batches;

import java.time.Instant;

/**
 * When the items of a batch are due for the first time.
 *
 * @param first for items that name no time
 * @param own in epoch milliseconds, by index; empty if no item names a time. Nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // shared, and never compared
record DueTimes(Instant first, long[] own) {
    static final DueTimes NONE = new DueTimes(Instant.EPOCH, new long[0]);

    /** When an item is due, in epoch milliseconds. */
    long of(int index) {
        return own.length == 0 ? ceilMillis(first) : own[index];
    }

    /** Epoch milliseconds, rounded up, so that nothing leaves early. */
    static long ceilMillis(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }
}
