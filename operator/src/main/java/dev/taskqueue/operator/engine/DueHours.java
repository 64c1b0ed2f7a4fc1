package dev.taskqueue.operator.engine;

import java.time.Instant;
import java.util.Map;

/**
 * How many deliveries are due in each hour to come. It follows from their due times alone: the hours are those in which any is due, and not those after
 * now. So it does not change because time passes, except for deliveries that become due.
 *
 * @param byHour the beginning of an hour to the number that is due in it: the first {@value #MOST} hours in which any is due
 * @param later how many are due after these hours
 */
public record DueHours(Map<Instant, Integer> byHour, int later) {
    /** How many hours are told apart. */
    public static final int MOST = 25;

    /** Nothing is due later. */
    public static final DueHours NONE = new DueHours(Map.of(), 0);

    public DueHours {
        byHour = Map.copyOf(byHour);
    }
}
