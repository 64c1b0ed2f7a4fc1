package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.QueueId;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The engine's side for TaskBatches. The items of a batch go through the same lanes as Tasks: rate, concurrency, retries, pause, obstacles, expiry. An item's
 * slot is free at the answer; its outcome goes to the {@link ItemJournal}, and its retry follows after {@link #committed}.
 */
public final class BatchDeliveries {
    private final EnginePorts ports;
    private final Lanes lanes;

    BatchDeliveries(EnginePorts ports, Lanes lanes) {
        this.ports = ports;
        this.lanes = lanes;
    }

    /** Takes in a batch. The caller first removes an earlier round of the same batch. */
    public BatchFeed offer(BatchOffer offer) {
        var entered = new AtomicReference<BatchFeed>();
        Lane lane = lanes.with(offer.queue(), here -> {
            BatchFeed batch = here.newBatch(offer, lanes.nextArrival());
            here.batches().add(batch, offer);
            entered.setPlain(batch);
        });
        lanes.advance(lane);
        return entered.getPlain();
    }

    /** The batch was deleted, or has ended: no request of it leaves any more, and outcomes of those in flight are dropped. */
    public void remove(BatchFeed batch) {
        with(batch, lane -> lane.remove(batch));
    }

    /**
     * Nothing of the batch leaves any more. Requests in flight go on, and their outcomes are noted.
     *
     * @return the items that wait for their first attempt or for another one
     */
    public BitSet close(BatchFeed batch) {
        Lane lane = lanes.get(batch.queue());
        return lane == null ? new BitSet() : lane.batches().close(batch);
    }

    /** Holds the batch: its items stay, requests in flight go on. Or lets it go on. */
    public void hold(BatchFeed batch, boolean held) {
        with(batch, lane -> lane.hold(batch, held));
    }

    /** A person wants these items sent now, in spite of time, pause, rate and concurrency. Those in flight or ended are left out. */
    public void runNow(BatchFeed batch, BitSet indexes) {
        with(batch, lane -> lane.expedite(batch, indexes));
    }

    /** A person wants all items that wait to be due now, within limits and pause. */
    public void makeDue(BatchFeed batch) {
        with(batch, lane -> lane.makeDue(batch));
    }

    /** The API server refuses to have outcomes of the batch written. That lasts until the next {@link #committed}. */
    public void refused(BatchFeed batch) {
        with(batch, lane -> lane.refused(batch));
    }

    /** The outcomes of these items are written, or nobody waits for them any more: retries go on. */
    public void committed(BatchFeed batch, Set<Integer> indexes) {
        with(
                batch,
                lane -> lane.committed(batch, indexes)
                        .forEach((index, ending) ->
                                ports.listener().finished(new ItemId(batch.id(), index), batch.queue(), ending)));
    }

    /**
     * An earlier process has written what came of an attempt that it had in flight.
     *
     * @return whether this process still waited for it
     */
    public boolean endClaim(BatchFeed batch, int index) {
        Lane lane = lanes.get(batch.queue());
        if (lane == null || !lane.batches().endClaim(batch, index)) {
            return false;
        }
        lanes.afterAttempt(lane);
        return true;
    }

    /** These outcomes do not count: another process has written what came of the attempts. */
    public void discard(BatchFeed batch, Set<Integer> indexes) {
        with(batch, lane -> lane.discard(batch, indexes));
    }

    /** An item waits for its next attempt, although this process has not sent the last one. */
    public void add(BatchFeed batch, BatchItems.Item item) {
        with(batch, lane -> lane.addItem(batch, item));
    }

    /** What the items of the batch do now. */
    public BatchSnapshot snapshot(BatchFeed batch) {
        return lanes.with(batch.queue(), lane -> {}).batches().snapshot(batch);
    }

    /** Whether a purge is still to delete the batch. */
    public boolean isToBePurged(BatchFeed batch) {
        Lane lane = lanes.get(batch.queue());
        return lane != null && lane.batches().isToBePurged(batch);
    }

    /** The queue's batches that a purge is to delete. */
    public List<BatchFeed> toBePurged(QueueId queue) {
        Lane lane = lanes.get(queue);
        return lane == null ? List.of() : lane.batches().toBePurged();
    }

    private void with(BatchFeed batch, Consumer<LaneBatches> action) {
        Lane lane = lanes.get(batch.queue());
        if (lane != null) {
            action.accept(lane.batches());
            lanes.afterAttempt(lane);
        }
    }
}
