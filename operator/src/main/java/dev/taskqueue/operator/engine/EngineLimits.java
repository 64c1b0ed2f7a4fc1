package dev.taskqueue.operator.engine;

/**
 * The limits that all queues share.
 *
 * @param maxInFlight open requests
 * @param maxBytes memory for requests, from their departure until their outcome is written
 * @param maxUnwritten outcomes that wait to be written
 */
public record EngineLimits(int maxInFlight, long maxBytes, int maxUnwritten) {
    /** Limits without one on memory. */
    public EngineLimits(int maxInFlight, int maxUnwritten) {
        this(maxInFlight, Long.MAX_VALUE, maxUnwritten);
    }
}
