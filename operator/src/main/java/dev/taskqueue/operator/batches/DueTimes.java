package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.engine.Delivery;
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
        return own.length == 0 ? Delivery.ceilMillis(first) : own[index];
    }
}
