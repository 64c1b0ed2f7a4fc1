package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchOutlook;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchStatusWriter;
import dev.taskqueue.operator.batch.ItemClaim;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchSnapshot;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Set;

/** Makes the next status of a batch: outcomes, claims, what it waits for, and its end once nothing is missing. */
final class CommitBuilder {
    /** An attempt that takes longer has a claim in status. */
    private static final Duration CLAIM_AFTER = Duration.ofSeconds(1);

    private final BatchDeliveries engine;
    private final BatchLifecycle lifecycle;
    private final Clocks clocks;
    private final String holder;

    /** @param holder names this process in claims */
    CommitBuilder(BatchDeliveries engine, BatchLifecycle lifecycle, Clocks clocks, String holder) {
        this.engine = engine;
        this.lifecycle = lifecycle;
        this.clocks = clocks;
        this.holder = holder;
    }

    /** The status as it is now. The caller holds the record's monitor. */
    BatchWriter.Commit build(BatchRecord record, BatchFeed feed) {
        BatchProgress progress = record.progress;
        BatchSnapshot now = engine.snapshot(feed);
        Instant time = clocks.instant();
        BitSet claims = claim(progress, now, record.claimsAll ? time.plus(CLAIM_AFTER) : time);
        boolean isOver = progress.isDone() && progress.openDeadLetters().isEmpty() && !BatchEnding.wantsReport(record);
        if (isOver && progress.completedAt() == null) {
            progress.complete(time);
        }
        record.hasNews = false;
        record.isStale = false;
        var outlook = new BatchOutlook(
                time, now.nextDueAt(), record.object.actions().hold() == null ? lifecycle.obstacle(record, now) : null);
        record.written = lifecycle.waiting(record, now);
        return new BatchWriter.Commit(
                progress.revision(),
                BatchStatusWriter.status(progress, outlook),
                Set.copyOf(record.unwritten.keySet()),
                claims,
                progress.openDeadLetters());
    }

    private BitSet claim(BatchProgress progress, BatchSnapshot now, Instant time) {
        var claims = new BitSet();
        for (BatchSnapshot.InFlight item : now.inFlight()) {
            if (!item.dispatchedAt().plus(CLAIM_AFTER).isAfter(time) && !item.isOfEarlierProcess()) {
                var one = new BitSet();
                one.set(item.index());
                claims.set(item.index());
                progress.claim(new ItemClaim(one, item.dispatchedAt(), item.deadlineAt(), holder));
            }
        }
        return claims;
    }
}
