package dev.taskqueue.operator.engine;

import java.util.Arrays;
import java.util.BitSet;

/**
 * How many of a batch's items that were never sent are due in each hour. It is kept item by item, so that nobody counts all of them for each status.
 * The lane's lock guards it.
 */
final class FreshByHour {
    /** In order, as {@link HourCounter#hour} counts them. */
    private final long[] hours;
    /** How many are due in the hour at the same place. */
    private final int[] numbers;

    /** @param dueAt by index, in epoch milliseconds */
    FreshByHour(BitSet fresh, long[] dueAt) {
        hours = fresh.stream()
                .mapToLong(index -> HourCounter.hour(dueAt[index]))
                .sorted()
                .distinct()
                .toArray();
        numbers = new int[hours.length];
        fresh.stream().forEach(index -> numbers[place(dueAt[index])]++);
    }

    private int place(long dueAt) {
        return Arrays.binarySearch(hours, HourCounter.hour(dueAt));
    }

    /** One item that is due at this time is not fresh any more. */
    void remove(long dueAt) {
        numbers[place(dueAt)]--;
    }

    /** Counts those that are due in a later hour than this one, and returns how many they are. */
    int countAfter(long hour, HourCounter counter) {
        int found = Arrays.binarySearch(hours, hour);
        int after = 0;
        for (int place = found < 0 ? -found - 1 : found + 1; place < hours.length; place++) {
            if (numbers[place] > 0) {
                counter.addHour(hours[place], numbers[place]);
                after += numbers[place];
            }
        }
        return after;
    }
}
