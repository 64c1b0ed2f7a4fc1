package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.ItemAttempts;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The items of one batch that wait outside the lane. An item without an attempt takes a bit, and twelve bytes if it has a time of its own. An item that
 * backs off takes about a hundred. Times are epoch milliseconds. The lane's lock guards it once the batch is offered.
 */
public final class BatchItems {
    static final long NEVER = Long.MAX_VALUE;

    private final long commonDueAt;
    /** By index; null if no item has a time of its own. */
    private final long @Nullable [] ownDueAt;
    /** The indexes in the order of {@code ownDueAt}; null if that is null. */
    private final int @Nullable [] byDue;
    /** The fresh ones by the hour of {@code ownDueAt}; null if that is null. */
    private final @Nullable FreshByHour byHour;
    /** Those that were never in the lane. */
    private final BitSet fresh;
    /** The first place of {@code byDue} that may still be fresh. */
    private int cursor;

    private int freshCount;
    /** Fresh ones are due at this time at the latest. */
    private long freshDueBy = NEVER;

    /** Those that come back: as a retry, or because they could not leave. */
    private final TreeSet<Item> again =
            new TreeSet<>(Comparator.comparingLong(Item::dueAt).thenComparingInt(Item::index));

    private final Map<Integer, Item> againByIndex = new HashMap<>();

    /**
     * One item that waits.
     *
     * @param index its place in the batch
     * @param dueAt when its next attempt may leave, in epoch milliseconds
     */
    public record Item(int index, long dueAt, ItemAttempts attempts) {}

    private BatchItems(BitSet fresh, long commonDueAt, long @Nullable [] ownDueAt) {
        this.fresh = (BitSet) fresh.clone();
        this.freshCount = fresh.cardinality();
        this.commonDueAt = commonDueAt;
        this.ownDueAt = ownDueAt;
        this.byDue = ownDueAt == null ? null : order(ownDueAt);
        this.byHour = ownDueAt == null ? null : new FreshByHour(fresh, ownDueAt);
    }

    /**
     * Items that were never sent.
     *
     * @param indexes which
     * @param dueAt when all of them are due, in epoch milliseconds
     */
    public static BatchItems dueAt(BitSet indexes, long dueAt) {
        return new BatchItems(indexes, dueAt, null);
    }

    /**
     * Items that were never sent and have times of their own.
     *
     * @param indexes which
     * @param dueAt when each item of the batch is due, by index, in epoch milliseconds
     */
    public static BatchItems dueAt(BitSet indexes, long[] dueAt) {
        return new BatchItems(indexes, 0, dueAt.clone());
    }

    private static int[] order(long[] dueAt) {
        Integer[] order = new Integer[dueAt.length];
        Arrays.setAll(order, index -> index);
        Arrays.sort(order, Comparator.comparingLong((Integer index) -> dueAt[index]));
        return Arrays.stream(order).mapToInt(index -> index).toArray();
    }

    /** An item that waits for its next attempt. It is not among the others. */
    public void add(Item item) {
        again.add(item);
        againByIndex.put(item.index(), item);
    }

    int size() {
        return freshCount + again.size();
    }

    void clear() {
        fresh.clear();
        freshCount = 0;
        again.clear();
        againByIndex.clear();
    }

    boolean isEmpty() {
        return size() == 0;
    }

    /** When the first item is due; {@link #NEVER} if there is none. */
    long nextDueAt() {
        int index = firstFresh();
        long freshDueAt = index < 0 ? NEVER : freshDueAt(index);
        return again.isEmpty() ? freshDueAt : Math.min(freshDueAt, again.first().dueAt());
    }

    private int firstFresh() {
        if (freshCount == 0) {
            return -1;
        }
        int[] order = byDue;
        if (order == null) {
            return fresh.nextSetBit(0);
        }
        while (!fresh.get(order[cursor])) {
            cursor++;
        }
        return order[cursor];
    }

    private long freshDueAt(int index) {
        return Math.min(ownDueAt == null ? commonDueAt : ownDueAt[index], freshDueBy);
    }

    /** Takes out the item that is due first; null if there is none. */
    @Nullable Item takeFirst() {
        int index = firstFresh();
        if (index >= 0 && (again.isEmpty() || freshDueAt(index) <= again.first().dueAt())) {
            return takeFresh(index);
        }
        return again.isEmpty() ? null : take(again.first().index());
    }

    /** Takes out one item; null if it does not wait here. */
    @Nullable Item take(int index) {
        if (fresh.get(index)) {
            return takeFresh(index);
        }
        Item item = againByIndex.remove(index);
        if (item != null) {
            again.remove(item);
        }
        return item;
    }

    private Item takeFresh(int index) {
        fresh.clear(index);
        freshCount--;
        if (byHour != null && ownDueAt != null) {
            byHour.remove(ownDueAt[index]);
        }
        return new Item(index, freshDueAt(index), ItemAttempts.NONE);
    }

    /** All of them are due at this time at the latest. */
    public void makeDue(long now) {
        freshDueBy = Math.min(freshDueBy, now);
        for (Item item : again.tailSet(new Item(-1, now + 1, ItemAttempts.NONE)).toArray(Item[]::new)) {
            again.remove(item);
            add(new Item(item.index(), now, item.attempts()));
        }
    }

    /** The wall clock showed {@code before} and was set by {@code moved} milliseconds: see {@link Deliveries#shift}. */
    void shift(long before, long moved) {
        for (Item item : again.toArray(Item[]::new)) {
            boolean waitsForAWhile = item.attempts().attempts() > 0;
            if (item.dueAt() > before ? waitsForAWhile : moved < 0) {
                again.remove(item);
                add(new Item(item.index(), item.dueAt() + moved, item.attempts()));
            }
        }
        // Those that were due stay due.
        while (moved < 0 && firstFresh() >= 0 && freshDueAt(firstFresh()) <= before) {
            Item item = takeFresh(firstFresh());
            add(new Item(item.index(), item.dueAt() + moved, item.attempts()));
        }
    }

    /** The indexes of all. */
    BitSet indexes() {
        var all = (BitSet) fresh.clone();
        againByIndex.keySet().forEach(all::set);
        return all;
    }

    /** Counts those that are not due by the hour in which they will be, and returns how many they are. */
    int countAhead(long now, HourCounter counter) {
        int ahead = countFreshAhead(now, counter);
        for (Item item : again.tailSet(new Item(-1, now + 1, ItemAttempts.NONE))) {
            counter.add(item.dueAt(), 1);
            ahead++;
        }
        return ahead;
    }

    private int countFreshAhead(long now, HourCounter counter) {
        if (freshCount == 0 || freshDueBy <= now) {
            return 0;
        }
        if (byDue == null || byHour == null || ownDueAt == null) {
            long dueAt = freshDueAt(0);
            if (dueAt <= now) {
                return 0;
            }
            counter.add(dueAt, freshCount);
            return freshCount;
        }
        if (freshDueBy != NEVER) {
            // A person has made all due, and the clock was set back since.
            return countFresh(byDue, 0, byDue.length, now, counter);
        }
        long hour = HourCounter.hour(now);
        int place = firstAfter(now, byDue, ownDueAt);
        int end = place;
        while (end < byDue.length && HourCounter.hour(ownDueAt[byDue[end]]) == hour) {
            end++;
        }
        return countFresh(byDue, place, end, now, counter) + byHour.countAfter(hour, counter);
    }

    /** Counts one by one those that are not due, between two places of these indexes. */
    private int countFresh(int[] indexes, int from, int to, long now, HourCounter counter) {
        int ahead = 0;
        for (int place = from; place < to; place++) {
            int index = indexes[place];
            if (fresh.get(index) && freshDueAt(index) > now) {
                counter.add(freshDueAt(index), 1);
                ahead++;
            }
        }
        return ahead;
    }

    /** The first place whose item is due after this time. */
    private static int firstAfter(long now, int[] byDue, long[] dueAt) {
        int low = 0;
        int high = byDue.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (dueAt[byDue[middle]] <= now) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** How many wait for a retry that is not due. */
    int backingOff(long now) {
        int backingOff = 0;
        for (Item item : again.tailSet(new Item(-1, now + 1, ItemAttempts.NONE))) {
            backingOff += item.attempts().attempts() > 0 ? 1 : 0;
        }
        return backingOff;
    }
}
