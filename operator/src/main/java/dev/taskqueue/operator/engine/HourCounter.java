package dev.taskqueue.operator.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Counts due times by the hour. Times that come in order cost little more than a comparison each. Times are epoch milliseconds. */
final class HourCounter {
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final NavigableMap<Long, int[]> counts = new TreeMap<>();
    /** The hour that was counted last, and its number. */
    private long lastHour = Long.MIN_VALUE;

    private int[] last = new int[1];

    /** The hour that a time is in, counted from the epoch. */
    static long hour(long time) {
        return Math.floorDiv(time, HOUR);
    }

    /** Counts so many more that are due at this time; fewer if the number is negative. */
    void add(long dueAt, int number) {
        addHour(hour(dueAt), number);
    }

    /** The same for an hour as {@link #hour} counts it. */
    void addHour(long hour, int number) {
        if (hour != lastHour) {
            lastHour = hour;
            last = counts.computeIfAbsent(hour, absent -> new int[1]);
        }
        last[0] += number;
    }

    DueHours result() {
        if (counts.isEmpty()) {
            return DueHours.NONE;
        }
        var byHour = new HashMap<Instant, Integer>();
        int later = 0;
        for (Map.Entry<Long, int[]> counted : counts.entrySet()) {
            int number = counted.getValue()[0];
            if (number > 0 && byHour.size() < DueHours.MOST) {
                byHour.put(Instant.ofEpochMilli(counted.getKey() * HOUR), number);
            } else {
                later += number;
            }
        }
        return new DueHours(byHour, later);
    }
}
