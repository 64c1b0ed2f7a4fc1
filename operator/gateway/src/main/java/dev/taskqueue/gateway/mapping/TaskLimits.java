package dev.taskqueue.gateway.mapping;

import java.time.Duration;

/** The operator's bounds for Tasks. */
public record TaskLimits(Duration maxScheduleAhead, Duration maxDispatchDeadline) {
    private static final Duration LONGEST_WAIT_OF_ITEM = Duration.ofDays(1);
    /** The clocks of gateway and API server may differ by this much. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    /**
     * How far ahead an item of a TaskBatch may be scheduled. An item beyond the operator's own limit would end its whole batch, and one that is due much
     * later than the others would keep their object for as long.
     */
    Duration maxItemAhead() {
        Duration sure = maxScheduleAhead.minus(SKEW);
        return sure.compareTo(LONGEST_WAIT_OF_ITEM) < 0 ? sure : LONGEST_WAIT_OF_ITEM;
    }
}
