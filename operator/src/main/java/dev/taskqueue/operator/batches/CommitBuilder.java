package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchOutlook;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchStatusWriter;
import dev.taskqueue.operator.batch.ItemClaim;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchSnapshot;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Turn;
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
    private final QueueProfiles queues;
    private final Clocks clocks;
    private final String holder;

    /** @param holder names this process in claims */
    CommitBuilder(BatchDeliveries engine, QueueProfiles queues, Clocks clocks, String holder) {
        this.engine = engine;
        this.queues = queues;
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
        Turn.Paused pause = pause(record, now);
        var outlook = new BatchOutlook(
                time,
                now.nextDueAt(),
                hold == null ? obstacle(record, now) : null,
                hold,
                pause == null ? null : new Turn(time, pause));
        record.written = waiting(record, now);
        record.pausedBy = by(pause);
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
    private @Nullable Obstacle obstacle(BatchRecord record, BatchSnapshot now) {
        if (record.limit != null) {
            return record.limit;
        }
        Obstacle found = now.isDue() || now.waiting() == 0 ? now.obstacle() : null;
        return found != null && found.reason() == Obstacle.Reason.QueueNotFound
                ? queues.missing(record.queue, found)
                : found;
    }

    /** How its queue is paused, if nothing else keeps its due items; null if it is not. */
    private Turn.@Nullable Paused pause(BatchRecord record, BatchSnapshot now) {
        boolean isKeptOtherwise = record.object.actions().hold() != null || obstacle(record, now) != null;
        return now.isDue() && !isKeptOtherwise ? queues.pause(record.queue) : null;
    }

    private static Turn.@Nullable By by(Turn.@Nullable Paused pause) {
        return pause == null ? null : pause.by();
    }

    /**
     * Whether a pause, or its end, is worth a write of its own. It is not if an attempt or an outcome will be written soon anyway. As a Task, a batch that
     * says already that it waits for its turn is not written again because of a pause.
     */
    boolean isPauseNews(BatchRecord record, BatchSnapshot now) {
        boolean isWrittenAnyway = !now.inFlight().isEmpty() || !record.unwritten.isEmpty();
        boolean isStandstill = record.pausedBy != null || record.progress.startedAt() != null;
        return isStandstill && !isWrittenAnyway && by(pause(record, now)) != record.pausedBy;
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
