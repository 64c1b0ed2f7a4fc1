package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchOutlook;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchStatusWriter;
import dev.taskqueue.operator.batch.ItemClaim;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchSnapshot;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the next status of a batch: outcomes, claims, what it waits for, and its end once nothing is missing. */
final class CommitBuilder {
    /** An attempt that takes longer has a claim in status. */
    private static final Duration CLAIM_AFTER = Duration.ofSeconds(1);

    private final BatchDeliveries engine;
    private final Clocks clocks;
    private final String holder;

    /** @param holder names this process in claims */
    CommitBuilder(BatchDeliveries engine, Clocks clocks, String holder) {
        this.engine = engine;
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
        String hold = record.object.actions().hold();
        var outlook = new BatchOutlook(time, now.nextDueAt(), hold == null ? obstacle(record, now) : null, hold);
        record.written = waiting(record, now);
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
            if (isLong(item, time) && !item.isOfEarlierProcess()) {
                var one = new BitSet();
                one.set(item.index());
                claims.set(item.index());
                progress.claim(new ItemClaim(one, item.dispatchedAt(), item.deadlineAt(), holder));
            }
        }
        return claims;
    }

    /** What keeps the batch from being sent; null if nothing does, or if nothing of it is due. */
    private static @Nullable Obstacle obstacle(BatchRecord record, BatchSnapshot now) {
        if (record.limit != null) {
            return record.limit;
        }
        return now.isDue() || now.waiting() == 0 ? now.obstacle() : null;
    }

    /** What status is to say about waiting, to be compared with what it says. */
    String waiting(BatchRecord record, BatchSnapshot now) {
        Obstacle obstacle = obstacle(record, now);
        return Objects.toString(record.object.actions().hold(), "")
                + (obstacle == null ? "" : obstacle.reason() + obstacle.message())
                + (now.isScheduled() ? "/" + now.nextDueAt() : "")
                + "/" + claimable(now);
    }

    /** How many attempts take so long that they have a claim. */
    private long claimable(BatchSnapshot now) {
        Instant time = clocks.instant();
        return now.inFlight().stream().filter(item -> isLong(item, time)).count();
    }

    private static boolean isLong(BatchSnapshot.InFlight item, Instant time) {
        return !item.dispatchedAt().plus(CLAIM_AFTER).isAfter(time);
    }
}
