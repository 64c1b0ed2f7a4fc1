package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.task.Times;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The items of a batch. They stay as they were written: one text, with the place of each item. An item is read from it whenever it is asked for. All items
 * have passed {@link ItemRules}. {@link ItemListReader} makes it.
 */
public final class ItemList {
    private static final byte[] NOTHING = {};

    private final int total;
    private final byte[] text;
    /** The begin and the end of each item; empty if all are like the template. */
    private final int[] places;
    /** In milliseconds, for items with a time of their own: after the creation if {@code delayed}, since the epoch otherwise. Null if none has. */
    private final long @Nullable [] times;

    private final BitSet timed;
    private final BitSet delayed;
    private final boolean hasDeadLetters;

    private ItemList(int total, byte[] text, int[] places, OwnTimes own, boolean hasDeadLetters) {
        this.total = total;
        this.text = text;
        this.places = places;
        this.times = own.timed.isEmpty() ? null : own.times;
        this.timed = own.timed;
        this.delayed = own.delayed;
        this.hasDeadLetters = hasDeadLetters;
    }

    /** Items that are all like the template. */
    static ItemList plain(int total) {
        return new ItemList(total, NOTHING, new int[0], new OwnTimes(0), false);
    }

    /**
     * Items from a text that was checked.
     *
     * @param places the begin and the end of each
     * @param own their own times
     * @param hasDeadLetters whether one of them is a dead letter
     */
    static ItemList of(byte[] text, int[] places, OwnTimes own, boolean hasDeadLetters) {
        return new ItemList(places.length / 2, text, places, own, hasDeadLetters);
    }

    public int total() {
        return total;
    }

    /** How many bytes of memory the items take, nearly. */
    public int size() {
        return text.length + (Integer.BYTES * places.length) + (times == null ? 0 : Long.BYTES * times.length);
    }

    /** Reads one item. */
    public Item item(int index) {
        if (index < 0 || index >= total) {
            throw new IndexOutOfBoundsException(index);
        }
        if (places.length == 0) {
            return Item.PLAIN;
        }
        int start = places[2 * index];
        try {
            return ItemParser.parse(text, start, places[(2 * index) + 1] - start);
        } catch (ItemFault impossible) {
            throw new IllegalStateException("The item was read before", impossible);
        }
    }

    /** The producer's name for an item; null if it has none. */
    public @Nullable String key(int index) {
        return item(index).key();
    }

    /** Whether an item is a dead letter itself, so that none of this batch gets one. */
    public boolean hasDeadLetters() {
        return hasDeadLetters;
    }

    /** Whether an item has a time of its own. */
    public boolean hasOwnTimes() {
        return times != null;
    }

    /**
     * When an item is due for the first time. A time is never rounded down.
     *
     * @param createdAt when the batch was created, by the operator's clock
     * @param batchDue when the items are due that name no time
     */
    public Instant dueAt(int index, Instant createdAt, Instant batchDue) {
        if (times == null || !timed.get(index)) {
            return batchDue;
        }
        Instant due = delayed.get(index) ? createdAt.plusMillis(times[index]) : Instant.ofEpochMilli(times[index]);
        return due.isBefore(createdAt) ? createdAt : due;
    }

    /** The result of reading. */
    public sealed interface Result {
        /** All items are in order. */
        record Read(ItemList items) implements Result {}

        /**
         * Nothing of the batch can be sent.
         *
         * @param problem names the first faults and says what to change; it never quotes a value
         */
        record Invalid(String problem) implements Result {
            /** At most three faults, and how many more there are. */
            static Invalid of(List<String> faults, int count) {
                String more = count > faults.size() ? "; and %d more".formatted(count - faults.size()) : "";
                return new Invalid(String.join("; ", faults) + more + ".");
            }
        }
    }

    /** Gathers the times that items have of their own. */
    static final class OwnTimes {
        private final long[] times;
        private final BitSet timed = new BitSet();
        private final BitSet delayed = new BitSet();

        OwnTimes(int most) {
            this.times = new long[most];
        }

        /** Notes the time of an item; it has passed {@link ItemRules}. */
        void note(int index, Item item) {
            if (item.delay() != null) {
                delayed.set(index);
                timed.set(index);
                times[index] = Durations.parse(item.delay()).toMillis();
            }
            Instant time = Times.read(item.scheduleTime()).orElse(null);
            if (time != null) {
                timed.set(index);
                times[index] = Delivery.ceilMillis(time);
            }
        }
    }
}
