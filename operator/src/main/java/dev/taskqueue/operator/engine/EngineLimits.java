package dev.taskqueue.operator.engine;

/**
 * The limits that all queues share.
 *
 * @param maxInFlight open requests
 * @param maxBytes memory for requests, from their departure until their outcome is written
 * @param maxUnwritten outcomes of Tasks that wait to be written
 * @param maxUnwrittenItems outcomes of items of TaskBatches that wait to be written
 */
public record EngineLimits(int maxInFlight, long maxBytes, int maxUnwritten, int maxUnwrittenItems) {
    /** The default of {@code maxUnwrittenItems}. */
    public static final int MAX_UNWRITTEN_ITEMS = 2_000;

    /** The default for items. */
    public EngineLimits(int maxInFlight, long maxBytes, int maxUnwritten) {
        this(maxInFlight, maxBytes, maxUnwritten, MAX_UNWRITTEN_ITEMS);
    }

    /** Limits without one on memory. */
    public EngineLimits(int maxInFlight, int maxUnwritten) {
        this(maxInFlight, Long.MAX_VALUE, maxUnwritten);
    }
}
