package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchStatusReader;
import dev.taskqueue.operator.batch.ItemClaim;
import dev.taskqueue.operator.batch.ItemRetry;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchItems;
import dev.taskqueue.operator.engine.BatchSnapshot;
import dev.taskqueue.operator.engine.Journal;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Batches whose status another leader has written meanwhile: their deliveries go on from it. The caller holds the record's monitor. */
final class OvertakenBatches {
    private final BatchDeliveries engine;
    private final BatchJournal journal;
    private final String holder;

    /** @param holder names this process in claims */
    OvertakenBatches(BatchDeliveries engine, BatchJournal journal, String holder) {
        this.engine = engine;
        this.journal = journal;
        this.holder = holder;
    }

    /** Goes on from a status that this process has not written, with the outcomes that are not in it. */
    void adopt(BatchRecord record, BatchFeed feed, JsonNode status) {
        BatchProgress mine = record.progress;
        BatchProgress theirs = BatchStatusReader.read(status, mine.total());
        record.progress = theirs;
        record.claimed.and(own(theirs.claims()));
        theirs.skip(mine.skipped());
        theirs.handleAlso(mine);
        theirs.refusals().addAll(mine.refusals());
        if (mine.stop() != null) {
            theirs.stop(mine.stop());
        }
        endClaims(feed, theirs);
        dropOvertaken(record, feed, theirs);
        record.unwritten.forEach((index, entry) -> journal.take(record, index, entry));
        if (theirs.stop() != null) {
            journal.skipRest(record, feed);
        }
        record.hasNews = true;
    }

    /** The items that have a claim of this process. Of those that another process has claimed since, it writes no outcome once it does not lead. */
    private BitSet own(List<ItemClaim> claims) {
        var own = new BitSet();
        claims.stream().filter(claim -> claim.holder().equals(holder)).forEach(claim -> own.or(claim.indexes()));
        return own;
    }

    /** Attempts for which this process has waited, and whose outcome is in status now. */
    private void endClaims(BatchFeed feed, BatchProgress theirs) {
        var stillClaimed = new BitSet();
        theirs.claims().forEach(claim -> stillClaimed.or(claim.indexes()));
        for (BatchSnapshot.InFlight item : engine.snapshot(feed).inFlight()) {
            boolean isOver = item.isOfEarlierProcess() && !stillClaimed.get(item.index());
            if (isOver && engine.endClaim(feed, item.index())) {
                goOn(feed, theirs, item.index());
            }
        }
    }

    /** Attempts that this process took for interrupted, and whose outcome the process that had sent them has written late. */
    private void dropOvertaken(BatchRecord record, BatchFeed feed, BatchProgress theirs) {
        BitSet skipped = theirs.skipped();
        Set<Integer> overtaken = record.unwritten.entrySet().stream()
                .filter(outcome -> !skipped.get(outcome.getKey()) && isIn(theirs, outcome.getKey(), outcome.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        record.unwritten.keySet().removeAll(overtaken);
        engine.discard(feed, overtaken);
        overtaken.forEach(index -> goOn(feed, theirs, index));
    }

    private static boolean isIn(BatchProgress theirs, int index, Journal.Entry outcome) {
        ItemRetry retry = theirs.retries().get(index);
        boolean isSuccess =
                outcome instanceof Journal.Entry.Finished end && end.ending().isSuccess();
        boolean isKnown =
                retry != null && retry.attempts().total() >= outcome.history().dispatches();
        return !isSuccess && (!theirs.isOpen(index) || isKnown);
    }

    /** An item waits for its next attempt as status says, or is skipped if nothing further leaves. */
    private void goOn(BatchFeed feed, BatchProgress theirs, int index) {
        ItemRetry retry = theirs.retries().get(index);
        if (!theirs.isOpen(index) || retry == null) {
            return;
        }
        if (theirs.stop() == null) {
            engine.add(feed, new BatchItems.Item(index, retry.nextAt(), retry.attempts()));
        } else {
            var rest = new BitSet();
            rest.set(index);
            theirs.skip(rest);
        }
    }
}
