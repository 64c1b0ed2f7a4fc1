package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.batch.BatchDeadLetterDraft;
import dev.taskqueue.operator.batch.BatchObject;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStatusReader;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemListReader;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.RetainedPlace;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.TaskReader;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes a batch from phase to phase: what the watch reports, what people want of it, and what another process has written. All methods take the record's
 * monitor.
 */
final class BatchLifecycle {
    private final BatchCache batches;
    private final ItemListCache lists;
    private final BatchDeliveries engine;
    private final BatchJournal journal;
    private final CommitQueue commits;
    private final BatchOffers offers;
    private final BatchActions actions;
    private final FinishedObjects<BatchRecord> finished;
    private final Clocks clocks;
    private final OvertakenBatches others;

    BatchLifecycle(
            BatchCache batches,
            ItemListCache lists,
            BatchDeliveries engine,
            BatchJournal journal,
            CommitQueue commits,
            BatchOffers offers,
            FinishedObjects<BatchRecord> finished,
            Clocks clocks,
            String holder) {
        this.batches = batches;
        this.lists = lists;
        this.engine = engine;
        this.journal = journal;
        this.commits = commits;
        this.offers = offers;
        this.finished = finished;
        this.actions = new BatchActions(engine, journal, clocks);
        this.clocks = clocks;
        this.others = new OvertakenBatches(engine, journal, holder);
    }

    /** The object exists as shown here. */
    void seen(JsonNode json, int listing) {
        BatchRecord known = batches.get(BatchReader.id(json));
        BatchRecord record = known == null ? create(json) : known;
        record.listing = listing;
        synchronized (record) {
            if (known == null) {
                update(record, json);
            } else if (!seenAgain(record, json)) {
                return;
            }
        }
        commits.changed(record);
    }

    /** Returns false if the watch has shown this version before. */
    private boolean seenAgain(BatchRecord record, JsonNode json) {
        long version = TaskReader.resourceVersion(json);
        boolean isStandby = record.phase == BatchRecord.Phase.STANDBY;
        if (version <= record.shownVersion && !isStandby) {
            return false;
        }
        boolean isOwnOrOlder = version <= record.version;
        record.shownVersion = Math.max(record.shownVersion, version);
        if (isOwnOrOlder && !isStandby) {
            updateMetadata(record, json);
        } else {
            read(record, json);
            update(record, json);
        }
        return true;
    }

    /**
     * A write of this process, or what came right before it. The process knows a newer status. But people may have changed the metadata, for the write
     * of a status does not mind that.
     */
    private void updateMetadata(BatchRecord record, JsonNode json) {
        record.object = BatchReader.withMetadata(record.object, json);
        if (record.object.deleting() && record.phase == BatchRecord.Phase.OPEN) {
            close(record, BatchRecord.Phase.DELETING);
            return;
        }
        if (record.phase == BatchRecord.Phase.FINISHED) {
            enter(record, BatchRecord.Phase.FINISHED);
        }
        act(record, runNow(json));
    }

    private static @Nullable String runNow(JsonNode json) {
        return json.path("metadata")
                .path("annotations")
                .path(Annotations.RUN_NOW)
                .textValue();
    }

    private BatchRecord create(JsonNode json) {
        BatchObject object = BatchReader.read(json);
        ItemList.Result items = ItemListReader.read(object, json.path("spec"), offers.maxScheduleAhead());
        int total = items instanceof ItemList.Result.Read(ItemList list) ? list.total() : 0;
        var record = new BatchRecord(object, BatchStatusReader.read(json.path("status"), total), clocks.nanos());
        switch (items) {
            case ItemList.Result.Read(ItemList list) -> {
                record.mayHaveDeadLetters = BatchDeadLetterDraft.isPossible(list);
                record.dueTimes = offers.dueTimes(object, list);
                if (!object.isFinished()) {
                    lists.put(object.id(), list);
                }
            }
            case ItemList.Result.Invalid(String problem) -> record.problem = problem;
        }
        batches.put(record);
        return record;
    }

    /** Takes what the object says now. While its items are in the engine, this process knows more of them than its status. */
    private static void read(BatchRecord record, JsonNode json) {
        record.object = BatchReader.read(json);
        record.version = Math.max(record.version, record.object.resourceVersion());
        boolean isInEngine = record.phase == BatchRecord.Phase.OPEN;
        if (!isInEngine && record.object.told().revision() >= record.progress.revision()) {
            record.progress = BatchStatusReader.read(json.path("status"), record.progress.total());
        }
    }

    private void update(BatchRecord record, JsonNode json) {
        BatchObject object = record.object;
        if (object.deleting() && !object.isFinished()) {
            close(record, BatchRecord.Phase.DELETING);
            return;
        }
        switch (record.phase) {
            case STANDBY, FINISHED -> {
                enter(record, object.isFinished() ? BatchRecord.Phase.FINISHED : BatchRecord.Phase.STANDBY);
                if (offers.leads(record.id.namespace())) {
                    activate(record);
                }
            }
            case OPEN -> {
                if (object.told().revision() > record.progress.revision() + (record.isBusy ? 1 : 0)) {
                    adopt(record, json.path("status"));
                }
            }
            case DELETING, DELETED -> {}
        }
        act(record, runNow(json));
    }

    /** This process leads in the namespace from now on. */
    void lead(String namespace) {
        for (BatchRecord record : batches.all()) {
            if (namespace.isEmpty() || namespace.equals(record.id.namespace())) {
                synchronized (record) {
                    activate(record);
                    act(record, record.object.actions().runNow());
                }
                commits.changed(record);
            }
        }
    }

    /** Hands the open items of a batch to the engine. */
    private void activate(BatchRecord record) {
        if (record.phase != BatchRecord.Phase.STANDBY) {
            return;
        }
        record.phase = BatchRecord.Phase.OPEN;
        record.quietSince = clocks.nanos();
        record.deadLettersDue.or(record.progress.openDeadLetters());
        offers.wholeEnd(record).ifPresent(end -> {
            record.progress.stop(end);
            record.hasNews = true;
        });
        record.limit = offers.limit(record).orElse(null);
        record.isHeld = BatchActions.isHeld(record);
        record.feed = engine.offer(offers.of(record, record.isHeld));
        if (record.progress.stop() != null) {
            // A process before this one may have stopped it.
            journal.skipRest(record, record.feed);
        }
        // A process before this one has noted what a person wants, and may have ended before it left.
        BitSet expedited = record.progress.expedited().chosen();
        record.progress.claims().forEach(claim -> expedited.andNot(claim.indexes()));
        if (!expedited.isEmpty()) {
            engine.runNow(record.feed, expedited);
        }
        record.isStale = true;
    }

    /** Does what the annotations ask for. */
    private void act(BatchRecord record, @Nullable String runNow) {
        BatchFeed feed = record.feed;
        if (record.phase == BatchRecord.Phase.OPEN && feed != null) {
            actions.act(record, feed, runNow);
        }
        String redrive = record.object.actions().redrive();
        if (redrive != null && offers.leads(record.id.namespace())) {
            redrive(record, RedriveRequest.byTask(redrive));
        }
    }

    /**
     * Starts the failed and skipped items again, once for each value. A batch with the annotation that cancels it waits until
     * that is removed. A batch that was stopped waits until what it has in flight has ended.
     *
     * @return whether a part of it is still to be done or written
     */
    boolean redrive(BatchRecord record, RedriveRequest request) {
        synchronized (record) {
            if (record.object.actions().cancel() != null) {
                // It would be cancelled again at once, also by the next leader.
                return false;
            }
            if (record.progress.handled().include(request)) {
                return record.phase == BatchRecord.Phase.OPEN && record.isRedriveUnwritten;
            }
            if (record.phase == BatchRecord.Phase.FINISHED) {
                return reopen(record, request);
            }
            BatchFeed feed = record.feed;
            if (record.phase != BatchRecord.Phase.OPEN || feed == null) {
                return false;
            }
            boolean mayRestart = record.progress.stop() == null && !record.progress.isDone();
            if (!mayRestart) {
                return record.progress.failedCount() > 0;
            }
            actions.restart(record, feed, request);
        }
        commits.changed(record);
        return true;
    }

    private boolean reopen(BatchRecord record, RedriveRequest request) {
        if (record.progress.isSuccess() || record.problem != null) {
            return false;
        }
        BitSet again = record.progress.redrive(request, clocks.instant());
        if (again.isEmpty()) {
            return false;
        }
        enter(record, BatchRecord.Phase.STANDBY);
        record.isRedriveUnwritten = true;
        record.hasNews = true;
        record.isAnnotated = false;
        activate(record);
        commits.changed(record);
        return true;
    }

    /** Every item has ended, and status says so. */
    void finished(BatchRecord record) {
        synchronized (record) {
            close(record, BatchRecord.Phase.FINISHED);
            act(record, null);
        }
        commits.changed(record);
    }

    /** Another process has written what came of its own attempts, or another leader has taken over. */
    void overtaken(BatchRecord record, JsonNode json) {
        synchronized (record) {
            if (record.phase == BatchRecord.Phase.OPEN) {
                read(record, json);
                adopt(record, json.path("status"));
            }
        }
    }

    /** Goes on from a status that this process has not written. */
    private void adopt(BatchRecord record, JsonNode status) {
        BatchFeed feed = record.feed;
        if (feed == null) {
            return;
        }
        if (record.object.isFinished()) {
            record.progress = BatchStatusReader.read(status, record.progress.total());
            close(record, BatchRecord.Phase.FINISHED);
            return;
        }
        others.adopt(record, feed, status);
    }

    /** It was deleted, by a purge or by somebody else, and the watch has not shown it yet. Nothing of it leaves any more, also if the purge is called off. */
    void gone(BatchRecord record) {
        synchronized (record) {
            if (record.phase == BatchRecord.Phase.OPEN) {
                close(record, BatchRecord.Phase.DELETING);
            }
        }
    }

    /** The object does not exist any more. */
    void deleted(BatchRecord record) {
        batches.remove(record.id);
        close(record, BatchRecord.Phase.DELETED);
    }

    /** Changes the phase. A batch has one place among those that are retained while it is finished, and none in other phases. */
    private void enter(BatchRecord record, BatchRecord.Phase phase) {
        record.phase = phase;
        Instant endedAt = phase == BatchRecord.Phase.FINISHED ? record.progress.completedAt() : null;
        boolean isSuccess = record.progress.isSuccess();
        RetainedPlace<BatchRecord> place = record.place;
        if (place != null && endedAt != null && place.isOf(isSuccess, endedAt)) {
            // Whether Git, Helm or kubectl apply manages it may have changed.
            finished.refile(place);
            return;
        }
        if (place != null) {
            finished.remove(place);
        }
        record.place = endedAt == null ? null : finished.add(record, isSuccess, endedAt);
    }

    private void close(BatchRecord record, BatchRecord.Phase phase) {
        synchronized (record) {
            enter(record, phase);
            BatchFeed feed = record.feed;
            record.feed = null;
            record.unwritten.clear();
            if (feed != null) {
                engine.remove(feed);
            }
            lists.remove(record.id);
        }
    }
}
