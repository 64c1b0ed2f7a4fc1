package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.BatchFeed.ItemDelivery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The side of a lane that takes in TaskBatches and what people want of them. Every method holds the lane's lock for a moment.
 */
final class LaneBatches {
    private final LaneState lane;
    private final BatchFeeds feeds;

    LaneBatches(LaneState lane) {
        this.lane = lane;
        this.feeds = lane.batches;
    }

    void add(BatchFeed batch, BatchOffer offer) {
        synchronized (lane) {
            ClockReading now = lane.readClocks();
            feeds.add(batch);
            offer.claims().forEach((index, claim) -> feeds.claimed(batch, index, claim, now));
        }
    }

    /**
     * Nothing of the batch leaves any more. Requests in flight go on, and their outcomes are noted.
     *
     * @return the items that were not sent, or wait for a retry
     */
    BitSet close(BatchFeed batch) {
        synchronized (lane) {
            batch.closed = true;
            feeds.reorder(batch, () -> feeds.recall(batch));
            BitSet left = batch.items.indexes();
            batch.items.clear();
            return left;
        }
    }

    /** The batch was deleted, or has ended elsewhere. Requests in flight go on to their end; their outcomes are dropped. */
    void remove(BatchFeed batch) {
        synchronized (lane) {
            batch.closed = true;
            feeds.remove(batch);
            for (ItemDelivery item : List.copyOf(batch.inLane.values())) {
                lane.remove(item);
            }
            batch.items.clear();
            lane.sharedLimiter.itemsWritten(lane.queue, batch.unwritten.size());
            batch.unwritten.clear();
        }
    }

    /** Holds the batch, or lets it go on. */
    void hold(BatchFeed batch, boolean held) {
        synchronized (lane) {
            feeds.reorder(batch, () -> {
                batch.held = held;
                if (held) {
                    feeds.recall(batch);
                }
            });
        }
    }

    /** A person wants these items sent now, in spite of time, pause, rate and concurrency. */
    void expedite(BatchFeed batch, BitSet indexes) {
        synchronized (lane) {
            ClockReading now = lane.readClocks();
            feeds.reorder(batch, () -> indexes.stream().forEach(index -> expedite(batch, index, now)));
        }
    }

    private void expedite(BatchFeed batch, int index, ClockReading now) {
        BatchItems.Item waiting = batch.items.take(index);
        if (waiting != null) {
            lane.deliveries.move(feeds.delivery(batch, waiting, now), DeliveryState.Waiting.SHARED);
        }
        ItemDelivery item = batch.inLane.get(index);
        if (item != null) {
            lane.expedite(item, 0);
        }
    }

    /** A person wants all items that wait to be due now, within the limits. */
    void makeDue(BatchFeed batch) {
        synchronized (lane) {
            ClockReading now = lane.readClocks();
            feeds.reorder(batch, () -> {
                feeds.recall(batch);
                batch.items.makeDue(now.millis());
            });
        }
    }

    /** The API server refuses to have outcomes of the batch written. */
    void refused(BatchFeed batch) {
        synchronized (lane) {
            feeds.refused(batch);
        }
    }

    /** These outcomes are written, or will never be: retries go on. Returns the ends among them, by index. */
    Map<Integer, Ending> committed(BatchFeed batch, Set<Integer> indexes) {
        synchronized (lane) {
            feeds.written(batch);
            ClockReading now = lane.readClocks();
            var ends = new LinkedHashMap<Integer, Ending>();
            int written = 0;
            for (int index : indexes) {
                BatchFeed.Unwritten outcome = batch.unwritten.remove(index);
                if (outcome == null) {
                    continue;
                }
                written++;
                switch (outcome.entry()) {
                    case Journal.Entry.Finished end -> {
                        ends.put(index, end.ending());
                        BatchItems.Item again = outcome.again();
                        if (again != null) {
                            addItem(batch, again);
                        }
                    }
                    case Journal.Entry.BackingOff retry -> {
                        if (!batch.closed) {
                            feeds.retry(batch, index, retry, ClockStepDetector.between(outcome.notedAt(), now));
                        }
                    }
                }
            }
            lane.sharedLimiter.itemsWritten(lane.queue, written);
            return ends;
        }
    }

    /** Nobody waits for these outcomes, and no retry follows from them. */
    void discard(BatchFeed batch, Set<Integer> indexes) {
        synchronized (lane) {
            int before = batch.unwritten.size();
            batch.unwritten.keySet().removeAll(indexes);
            lane.sharedLimiter.itemsWritten(lane.queue, before - batch.unwritten.size());
        }
    }

    /** Whether this process still waits for the attempt of an earlier process. If so, the attempt is over: its outcome was written by that process. */
    boolean endClaim(BatchFeed batch, int index) {
        synchronized (lane) {
            ItemDelivery item = batch.inLane.get(index);
            if (item == null || !(item.state instanceof DeliveryState.Claimed)) {
                return false;
            }
            lane.remove(item);
            return true;
        }
    }

    /**
     * An item waits for its next attempt: an earlier process has written the outcome of the last one, or a person wants it sent again. If its failure is not
     * written yet, it waits for that first: status lacks one attempt of an item at most.
     */
    void addItem(BatchFeed batch, BatchItems.Item item) {
        synchronized (lane) {
            if (batch.closed) {
                return;
            }
            BatchFeed.Unwritten failure = batch.unwritten.get(item.index());
            if (failure == null) {
                feeds.reorder(batch, () -> batch.items.add(item));
            } else {
                batch.unwritten.put(item.index(), failure.then(item));
            }
        }
    }

    BatchSnapshot snapshot(BatchFeed batch) {
        synchronized (lane) {
            long now = lane.clocks.millis();
            var inFlight = new ArrayList<BatchSnapshot.InFlight>();
            long next = batch.items.nextDueAt();
            int waiting = batch.items.size();
            for (ItemDelivery item : batch.inLane.values()) {
                switch (item.state) {
                    case DeliveryState.InFlight request ->
                        inFlight.add(new BatchSnapshot.InFlight(
                                item.index,
                                request.dispatchedAt(),
                                request.dispatchedAt().plus(request.deadline()),
                                false));
                    case DeliveryState.Claimed(Offer.Claim claim, var _) ->
                        inFlight.add(new BatchSnapshot.InFlight(item.index, claim.dispatchedAt(), claim.until(), true));
                    case DeliveryState.Interrupted _, DeliveryState.Departing _, DeliveryState.Ending _ -> {}
                    default -> {
                        waiting++;
                        next = Math.min(next, item.scheduledAt());
                    }
                }
            }
            return new BatchSnapshot(
                    waiting,
                    next == BatchItems.NEVER ? null : Instant.ofEpochMilli(next),
                    next <= now,
                    inFlight,
                    obstacle(batch));
        }
    }

    private @Nullable Obstacle obstacle(BatchFeed batch) {
        if (lane.queueLimiter == null) {
            return Obstacle.noQueue(lane.queue);
        }
        ItemDelivery blocked = batch.firstBlocked();
        return blocked == null ? null : lane.deliveries.blocked().obstacleOf(blocked);
    }

    /** Whether a purge is to delete the batch. */
    boolean isToBePurged(BatchFeed batch) {
        synchronized (lane) {
            return lane.deliveries.isToBePurged(batch.origin.createdAt());
        }
    }

    /** The batches that a purge is to delete. */
    List<BatchFeed> toBePurged() {
        synchronized (lane) {
            return feeds.all().stream()
                    .filter(batch -> lane.deliveries.isToBePurged(batch.origin.createdAt()))
                    .toList();
        }
    }
}
