package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.BatchFeed.ItemDelivery;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The TaskBatches of a lane. Only some of their items are in the lane at a time: the batches take turns, in the order in which they are due. A turn lasts
 * for {@value #TURN_ITEMS} items and for {@link #TURN}, whichever is longer: a quick queue ends one batch after the other, which costs few writes, and
 * in a slow queue no batch waits for all items of another. The lane's lock guards it.
 */
final class BatchFeeds implements BatchFeed.Turns {
    /** Further items enter when fewer than this many wait in the lane. */
    static final int LOW = 64;
    /** How many items enter at once, and the shortest turn. */
    static final int TURN_ITEMS = 256;

    static final Duration TURN = Duration.ofMillis(200);

    private final QueueId queue;
    private final SharedLimiter sharedLimiter;
    private final Deliveries deliveries;
    private final ExpiryRules expiry;
    private final AtomicLong arrivals;
    private final Set<BatchFeed> all = new LinkedHashSet<>();
    /** Those whose outcomes the API server refuses to write. */
    private final Set<BatchFeed> refused = new HashSet<>();
    /** Those with items that may enter. */
    private final NavigableSet<BatchFeed> open = new TreeSet<>(BatchFeed.ORDER);
    /** How many items wait in the lane for their preparation or their turn, and meet no obstacle. */
    private int waiting;
    /**
     * Whether no further item may enter, as there is no room for more outcomes than those of the items that wait in the lane. The lane looks again when one
     * of them leaves. Where none waits, the shared limiter wakes it once there is room.
     */
    private boolean lacksRoom;
    /** The batch whose place is being changed. */
    private @Nullable BatchFeed reordering;

    /** @param arrivals gives each delivery of the engine its number */
    BatchFeeds(
            QueueId queue,
            SharedLimiter sharedLimiter,
            Deliveries deliveries,
            ExpiryRules expiry,
            AtomicLong arrivals) {
        this.queue = queue;
        this.sharedLimiter = sharedLimiter;
        this.deliveries = deliveries;
        this.expiry = expiry;
        this.arrivals = arrivals;
    }

    void add(BatchFeed batch) {
        all.add(batch);
        reorder(batch, () -> {});
    }

    void remove(BatchFeed batch) {
        open.remove(batch);
        all.remove(batch);
        refused.remove(batch);
    }

    /** The API server refuses to have the outcomes of the batch written. */
    void refused(BatchFeed batch) {
        if (all.contains(batch)) {
            refused.add(batch);
        }
    }

    /** A write of the batch has succeeded. */
    void written(BatchFeed batch) {
        refused.remove(batch);
    }

    /** How many outcomes the API server refuses to write. The end of a batch of which nothing was sent counts as one. */
    int refusedOutcomes() {
        return refused.stream()
                .mapToInt(batch -> Math.max(1, batch.unwritten.size()))
                .sum();
    }

    Collection<BatchFeed> all() {
        return all;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** How many items wait outside the lane. */
    int size() {
        return all.stream().mapToInt(batch -> batch.items.size()).sum();
    }

    /** Changes something that the order of the batches depends on. The change may call this again for the same batch. */
    @Override
    public void reorder(BatchFeed batch, Runnable change) {
        if (reordering == batch) {
            change.run();
            return;
        }
        open.remove(batch);
        reordering = batch;
        change.run();
        reordering = null;
        if (batch.isOpen() && all.contains(batch)) {
            open.add(batch);
        }
    }

    /** The number of items that wait in the lane has changed. */
    @Override
    public void entered(int change) {
        waiting += change;
    }

    /** Lets the items enter that will soon leave. */
    void fill(ClockReading now) {
        lacksRoom = false;
        if (waiting >= LOW || open.isEmpty() || !isTurn(open.first(), now)) {
            return;
        }
        long room = sharedLimiter.itemRoom(queue);
        if (room == 0) {
            sharedLimiter.awaitItemRoom(queue);
        }
        while (waiting < LOW && room > waiting && !open.isEmpty() && isTurn(open.first(), now)) {
            BatchFeed batch = open.first();
            if (isTurnOver(batch, now)) {
                reorder(batch, () -> {
                    batch.waitsSince = now.millis();
                    batch.enteredInTurn = 0;
                });
            } else {
                reorder(batch, () -> enter(batch, now));
            }
        }
        lacksRoom = room <= waiting;
    }

    private static boolean isTurn(BatchFeed batch, ClockReading now) {
        return batch.turnAt() - Delivery.LEAD.toMillis() <= now.millis();
    }

    private static boolean isTurnOver(BatchFeed batch, ClockReading now) {
        return batch.enteredInTurn >= TURN_ITEMS && now.nanos() - batch.turnBeganAt >= TURN.toNanos();
    }

    private void enter(BatchFeed batch, ClockReading now) {
        if (batch.enteredInTurn == 0) {
            batch.turnBeganAt = now.nanos();
        }
        for (int entered = 0; entered < TURN_ITEMS && isTurn(batch, now); entered++) {
            BatchItems.Item item = batch.items.takeFirst();
            if (item == null) {
                return;
            }
            batch.enteredInTurn++;
            deliveries.move(delivery(batch, item, now), DeliveryState.Waiting.SHARED);
        }
    }

    /** An item that takes its place in the lane. It has no state yet. */
    ItemDelivery delivery(BatchFeed batch, BatchItems.Item item, ClockReading now) {
        return new ItemDelivery(batch, item, arrivals.getAndIncrement(), now.millis());
    }

    /** How long until the next item enters by time alone, in nanoseconds. */
    long nanosUntilNext(ClockReading now) {
        return open.isEmpty() || waiting >= LOW || lacksRoom
                ? LaneTimer.NEVER
                : now.until(open.first().turnAt() - Delivery.LEAD.toMillis());
    }

    /** The items of all batches that wait in the lane leave it, and enter again when there is room for their outcomes. */
    void recallAll() {
        lacksRoom = false;
        List.copyOf(all).forEach(batch -> reorder(batch, () -> recall(batch)));
    }

    /** The items of a batch that wait in the lane leave it. Requests in flight go on. The caller reorders the batch. */
    void recall(BatchFeed batch) {
        for (ItemDelivery item : List.copyOf(batch.inLane.values())) {
            switch (item.state) {
                case DeliveryState.Waiting _,
                        DeliveryState.InPreparation _,
                        DeliveryState.Prepared _,
                        DeliveryState.Blocked _ -> {
                    deliveries.move(item, DeliveryState.Removed.SHARED);
                    batch.items.add(new BatchItems.Item(item.index, item.scheduledAt(), item.attempts));
                }
                default -> {}
            }
        }
    }

    /** The wall clock showed {@code before} and was set by {@code moved} milliseconds. */
    void shift(long before, long moved) {
        for (BatchFeed batch : all) {
            reorder(batch, () -> {
                batch.items.shift(before, moved);
                batch.waitsSince = Math.min(batch.waitsSince, before + moved);
            });
        }
    }

    /** Ends the items of batches whose time is over and that wait outside the lane. */
    void expire(ClockReading now) {
        for (BatchFeed batch : List.copyOf(all)) {
            if (!batch.closed && expiry.isExpired(batch.origin.expireAt(), batch.origin.openSince(), now)) {
                reorder(batch, () -> {
                    for (BatchItems.Item item = batch.items.takeFirst(); item != null; item = batch.items.takeFirst()) {
                        expire(delivery(batch, item, now), now);
                    }
                });
            }
        }
    }

    private void expire(ItemDelivery item, ClockReading now) {
        deliveries.move(item, new DeliveryState.Ending(expiry.end(item, now)));
    }

    /** An attempt of an earlier process, which takes a slot. */
    void claimed(BatchFeed batch, int index, BatchOffer.Claimed claimed, ClockReading now) {
        var item = new BatchItems.Item(index, claimed.claim().scheduledAt().toEpochMilli(), claimed.attempts());
        ItemDelivery delivery = delivery(batch, item, now);
        deliveries.takeSlot();
        deliveries.move(
                delivery,
                new DeliveryState.Claimed(claimed.claim(), AttemptPermit.ofClaim()),
                Delivery.ceilMillis(claimed.claim().until()));
    }

    /** An item whose outcome is written waits for its next attempt. */
    void retry(BatchFeed batch, int index, Journal.Entry.BackingOff entry, long moved) {
        long dueAt = Delivery.ceilMillis(entry.nextAt()) + moved;
        reorder(batch, () -> batch.items.add(new BatchItems.Item(index, dueAt, ItemAttempts.of(entry.history()))));
    }
}
