package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.DeliveryState.InPreparation;
import dev.taskqueue.operator.engine.DeliveryState.Prepared;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One TaskBatch in the lane of its queue. Its items wait in {@link BatchItems} and enter the lane in turns, as {@link ItemDelivery}. Outside the engine it
 * is a handle. The lane's lock guards it.
 */
public final class BatchFeed {
    /** By the time of the next turn, ties by arrival. */
    static final Comparator<BatchFeed> ORDER =
            Comparator.comparingLong(BatchFeed::turnAt).thenComparingLong(batch -> batch.arrival);

    final BatchId id;
    final int round;
    final Delivery.Origin origin;
    final BatchItems items;
    private final long arrival;
    private final Turns turns;

    /** Those in the lane, by index. */
    final Map<Integer, ItemDelivery> inLane = new HashMap<>();
    /** Those whose outcome is not written yet, by index. */
    final Map<Integer, Unwritten> unwritten = new HashMap<>();

    /** Whether a person holds it: its items stay. */
    boolean held;
    /** Whether nothing of it leaves any more: it was cancelled, or deleted. */
    boolean closed;
    /** How many of those in the lane wait for an obstacle. No further ones enter meanwhile: they would most likely meet it, too. */
    private int blocked;

    /** Its place among the batches of the lane: when its last turn ended. Epoch milliseconds. */
    long waitsSince;
    /** How many items have entered in this turn. */
    int enteredInTurn;
    /** Monotonic nanoseconds. */
    long turnBeganAt;

    /**
     * An outcome that is not written yet.
     *
     * @param notedAt if somebody sets the wall clock before the write, a backoff still lasts as long
     * @param again how the item waits after the write, because a person has it sent again; null if nobody does
     */
    record Unwritten(Journal.Entry entry, ClockReading notedAt, BatchItems.@Nullable Item again) {
        Unwritten then(BatchItems.Item item) {
            return new Unwritten(entry, notedAt, item);
        }
    }

    /** The batches of the lane, which take turns. */
    interface Turns {
        /** Changes something that the order of the batches depends on. */
        void reorder(BatchFeed batch, Runnable change);

        /** The number of items that wait in the lane has changed. */
        void entered(int change);
    }

    /** @param queue the lane's own instance */
    BatchFeed(QueueId queue, long arrival, BatchOffer offer, Turns turns) {
        this.id = offer.id();
        this.round = offer.round();
        this.origin = new Delivery.Origin(
                queue,
                offer.createdAt().toEpochMilli(),
                offer.openSince().toEpochMilli(),
                offer.expireAt() == null ? Long.MAX_VALUE : offer.expireAt().toEpochMilli());
        this.arrival = arrival;
        this.items = offer.items();
        this.held = offer.held();
        this.turns = turns;
    }

    public BatchId id() {
        return id;
    }

    public QueueId queue() {
        return origin.queue();
    }

    /** When its next item is to enter the lane, by its schedule and by its turn. */
    long turnAt() {
        return Math.max(items.nextDueAt(), waitsSince);
    }

    /** Whether items may enter the lane. */
    boolean isOpen() {
        return !held && !closed && blocked == 0 && !items.isEmpty();
    }

    /** One of its items has changed its state from this one. */
    void moved(ItemDelivery item, DeliveryState from) {
        DeliveryState to = item.state;
        if (to instanceof DeliveryState.Removed) {
            inLane.remove(item.index, item);
        } else {
            inLane.put(item.index, item);
        }
        int nowBlocked = isBlocked(to) - isBlocked(from);
        if (nowBlocked != 0) {
            turns.reorder(this, () -> blocked += nowBlocked);
        }
        turns.entered(waits(to) - waits(from));
    }

    private static int isBlocked(DeliveryState state) {
        return state instanceof DeliveryState.Blocked ? 1 : 0;
    }

    private static int waits(DeliveryState state) {
        return state instanceof DeliveryState.Waiting || state instanceof InPreparation || state instanceof Prepared
                ? 1
                : 0;
    }

    /** One of its items that waits for an obstacle; null if none does. */
    @Nullable ItemDelivery firstBlocked() {
        if (blocked == 0) {
            return null;
        }
        for (ItemDelivery item : inLane.values()) {
            if (item.state instanceof DeliveryState.Blocked) {
                return item;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return id.toString();
    }

    /**
     * An item of a TaskBatch in the lane of its queue, for one attempt. It takes its place in the lane when its batch has its turn, so that a batch of a
     * thousand does not keep a Task that comes later waiting for all of them.
     */
    static final class ItemDelivery extends Delivery {
        final BatchFeed batch;
        final int index;
        final ItemAttempts attempts;
        /** How long it was due already when it took its place, in milliseconds. */
        private final long waited;

        /**
         * An item that takes its place now.
         *
         * @param now epoch milliseconds
         */
        ItemDelivery(BatchFeed batch, BatchItems.Item item, long arrival, long now) {
            super(
                    new ItemId(batch.id, item.index()),
                    batch.origin,
                    arrival,
                    Math.max(item.dueAt(), now),
                    item.attempts().history(batch.round));
            this.batch = batch;
            this.index = item.index();
            this.attempts = item.attempts();
            this.waited = Math.max(0, now - item.dueAt());
        }

        @Override
        long scheduledAt() {
            return dueAt - waited;
        }

        @Override
        void moved(DeliveryState from) {
            batch.moved(this, from);
        }
    }
}
