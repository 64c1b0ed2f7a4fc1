package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.limits.SharedPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limiter that all lanes share: of open requests, of the memory they take, and of outcomes that wait to be written. Each of these is a pool of
 * its own. A queue or a namespace that holds much of a pool gets no more of it, and the others go on. A queue that holds nothing always gets one
 * request.
 */
final class SharedLimiter {
    private final SharedPool requests;
    /** Memory of open requests, and of requests whose outcome is not written yet. */
    private final SharedPool bytes;
    /** Answered requests. They cannot be refused, so this pool may exceed its capacity; then no further request leaves. */
    private final SharedPool unwritten;

    /** The same for items of TaskBatches. An outcome of an item holds nothing else. */
    private final SharedPool unwrittenItems;

    /** The queues that were refused, and for how many bytes. */
    private final Map<QueueId, Long> waiting = new LinkedHashMap<>();
    /** The same for the items of batches. */
    private final Map<QueueId, Long> itemsWaiting = new LinkedHashMap<>();

    SharedLimiter(EngineLimits limits) {
        requests = new SharedPool("requests", limits.maxInFlight(), true);
        bytes = new SharedPool("request-bytes", limits.maxBytes(), true);
        unwritten = new SharedPool("unwritten", limits.maxUnwritten(), true);
        unwrittenItems = new SharedPool("unwritten-items", limits.maxUnwrittenItems(), true);
    }

    List<SharedPool> pools() {
        return List.of(requests, bytes, unwritten, unwrittenItems);
    }

    /** Takes room for a request of this many bytes. Null if there is none: then {@link #nextWithRoom} names the queue once there is. */
    synchronized @Nullable AttemptPermit acquireOrWait(QueueId queue, long size, boolean isItem) {
        if ((isItem ? unwrittenItems : unwritten).hasRoom(queue, 1) && requests.tryAcquire(queue, 1)) {
            if (bytes.tryAcquire(queue, size)) {
                return new AttemptPermit(size, AttemptPermit.Pool.REQUESTS);
            }
            requests.release(queue, 1);
        }
        (isItem ? itemsWaiting : waiting).merge(queue, size, Math::min);
        return null;
    }

    /** How many outcomes of items this queue may still have unwritten. */
    long itemRoom(QueueId queue) {
        return unwrittenItems.room(queue);
    }

    /** The queue wants to send items: {@link #nextWithRoom} names it once there is room for their outcomes. */
    synchronized void awaitItemRoom(QueueId queue) {
        itemsWaiting.merge(queue, 0L, Math::min);
    }

    /** The request of an item has ended; its outcome is to be written with others. */
    void itemAnswered(QueueId queue) {
        unwrittenItems.take(queue, 1);
    }

    /** The outcomes of items are written, or nobody waits for them any more. */
    void itemsWritten(QueueId queue, int items) {
        unwrittenItems.release(queue, items);
    }

    /** The request has ended; its outcome is to be written. */
    synchronized void answered(QueueId queue, AttemptPermit permit) {
        if (permit.pool() == AttemptPermit.Pool.REQUESTS) {
            requests.release(queue, 1);
            unwritten.take(queue, 1);
            permit.moveTo(AttemptPermit.Pool.UNWRITTEN);
        }
    }

    /** The attempt is over, or did not take place. */
    synchronized void release(QueueId queue, AttemptPermit permit) {
        switch (permit.pool()) {
            case NONE -> {}
            case REQUESTS -> requests.release(queue, 1);
            case UNWRITTEN -> unwritten.release(queue, 1);
        }
        if (permit.size > 0) {
            bytes.release(queue, permit.size);
        }
        permit.moveTo(AttemptPermit.Pool.NONE);
    }

    /** Takes off the list a queue that was refused and finds room now. Queues without an open request go first. Null if there is none. */
    synchronized @Nullable QueueId nextWithRoom() {
        QueueId next = nextWithRoom(waiting, unwritten);
        return next != null ? next : nextWithRoom(itemsWaiting, unwrittenItems);
    }

    private @Nullable QueueId nextWithRoom(Map<QueueId, Long> waiting, SharedPool outcomes) {
        QueueId busy = null;
        for (var wanted : waiting.entrySet()) {
            QueueId queue = wanted.getKey();
            if (hasRoom(queue, wanted.getValue(), outcomes)) {
                if (requests.heldBy(queue) == 0) {
                    waiting.remove(queue);
                    return queue;
                }
                busy = busy == null ? queue : busy;
            }
        }
        if (busy != null) {
            waiting.remove(busy);
        }
        return busy;
    }

    private boolean hasRoom(QueueId queue, long size, SharedPool outcomes) {
        return outcomes.hasRoom(queue, 1) && requests.hasRoom(queue, 1) && bytes.hasRoom(queue, size);
    }
}
