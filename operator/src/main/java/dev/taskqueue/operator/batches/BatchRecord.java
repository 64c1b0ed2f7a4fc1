package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchObject;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.cache.ListedObject;
import dev.taskqueue.operator.cache.RetainedObject;
import dev.taskqueue.operator.cache.RetainedPlace;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Turn;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that this process knows of one TaskBatch, as long as the object exists. Its monitor guards it. It is taken before the lock of a lane, and no request
 * is made under it.
 */
final class BatchRecord implements RetainedObject, ListedObject {
    final BatchId id;
    final QueueId queue;
    /** The list that last held the object. Only the reflector's thread uses it. */
    int listing;

    /** The object as it was last seen. */
    volatile BatchObject object;
    /** The newest known resourceVersion: of the watch, or of a write of this process. */
    long version;

    /** The newest resourceVersion that the watch has shown. */
    long shownVersion;
    /** When its items are due for the first time. */
    DueTimes dueTimes = DueTimes.NONE;
    /** Why it can never be sent; null if nothing is wrong. */
    @Nullable String problem;
    /** A setting of the operator that keeps it; null if none does. */
    @Nullable Obstacle limit;
    /** Whether its items are held. */
    boolean isHeld;
    /** Whether the annotation for a batch that ended was written. */
    boolean isAnnotated;
    /** Whether a redrive has begun that status does not show yet. */
    boolean isRedriveUnwritten;
    /** Whether failed items of it may get dead letters. */
    boolean mayHaveDeadLetters;
    /** What has become of the items. It is ahead of status by {@link #unwritten}. */
    BatchProgress progress;

    Phase phase = Phase.STANDBY;
    /** Its place among those that are retained; null unless the phase is FINISHED. */
    @Nullable RetainedPlace<BatchRecord> place;
    /** The engine's handle; null unless the phase is OPEN. */
    @Nullable BatchFeed feed;

    /** The outcomes that are not in status yet, the oldest first. */
    final Map<Integer, Journal.Entry> unwritten = new LinkedHashMap<>();
    /** Items whose attempts have a claim of this process in status. */
    final BitSet claimed = new BitSet();
    /** Whether each attempt in flight gets a claim, however short it is: this process stops. */
    boolean claimsAll;
    /** The failed items that wait for their dead letter, as status says it. */
    final BitSet deadLettersDue = new BitSet();
    /** Those of them whose dead letters were sent, if nobody knows yet whether they were created. The next try sends the same. */
    @Nullable BitSet deadLettersUnanswered;
    /** Whether something other than outcomes is to be written: an annotation was handled, or the batch was stopped. */
    boolean hasNews;
    /** Whether something in the lane has changed that people may want to read in status. */
    boolean isStale;
    /** Whether nothing of it is due or in flight, as it was last looked at. */
    boolean isScheduled;
    /** What was last written about waiting, so that it is not written again. */
    String written = "";
    /** How the queue is paused, as status says it; null if it says nothing of a pause. */
    Turn.@Nullable By pausedBy;

    /** Monotonic nanoseconds, here and below. When the batch was first seen, or its first outcome came. */
    long quietSince;

    long firstUnwrittenAt;
    long writtenAt;
    long nextDeadLetterAt;
    /** Since when the API server answers 403 to what is to be created at the end; null if it does not. */
    @Nullable Long forbiddenSince;
    /** While the API server refuses its writes. */
    int refusals;

    long pausedUntil;

    /** Whether a thread writes for it. */
    boolean isBusy;

    /** What this process does with the batch. */
    enum Phase {
        /** Another process leads, or this one has not taken over yet. */
        STANDBY,
        /** Its items are in the engine. */
        OPEN,
        /** It has ended and is retained. */
        FINISHED,
        /** Only a finalizer keeps it. */
        DELETING,
        DELETED
    }

    BatchRecord(BatchObject object, BatchProgress progress, long now) {
        this.id = object.id();
        this.queue = object.queue();
        this.object = object;
        this.version = object.resourceVersion();
        this.shownVersion = version;
        this.progress = progress;
        this.quietSince = now;
        this.writtenAt = now;
    }

    @Override
    public QueueId queue() {
        return queue;
    }

    @Override
    public String uid() {
        return id.uid();
    }

    @Override
    public @Nullable Duration ttl() {
        return object.ttl();
    }

    @Override
    public boolean isTracked() {
        return object.tracked();
    }

    @Override
    public String namespace() {
        return id.namespace();
    }

    @Override
    public int listing() {
        return listing;
    }

    @Override
    public String toString() {
        return id.toString();
    }
}
