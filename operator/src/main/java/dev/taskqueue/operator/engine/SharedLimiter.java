package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.limits.SharedPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all lanes share: open requests, the memory they take, and outcomes that wait for their write. Each is a pool of its own, so a queue or a
 * namespace that holds much of one finds no more of it, and the others go on; a queue that holds none of them always gets one.
 */
final class SharedLimiter {
    private final SharedPool requests;
    /** Of open requests and of those whose outcome is not yet written. */
    private final SharedPool bytes;
    /** Holds what has been answered: none of it can be refused, so it may exceed its capacity; then no more is let out. */
    private final SharedPool unwritten;

    /** The lanes that were refused, and for how many bytes. */
    private final Map<Lane, Long> waiting = new LinkedHashMap<>();

    SharedLimiter(EngineLimits limits) {
        requests = new SharedPool("requests", limits.maxInFlight(), true);
        bytes = new SharedPool("request-bytes", limits.maxBytes(), true);
        unwritten = new SharedPool("unwritten", limits.maxUnwritten(), true);
    }

    List<SharedPool> pools() {
        return List.of(requests, bytes, unwritten);
    }

    /** Takes the places of a request of this many bytes. Null where there is no room: then {@link #next} tells when there is. */
    synchronized @Nullable AttemptPermit acquireOrWait(Lane lane, long size) {
        QueueId queue = lane.id;
        if (unwritten.hasRoom(queue, 1) && requests.tryAcquire(queue, 1)) {
            if (bytes.tryAcquire(queue, size)) {
                return new AttemptPermit(size, AttemptPermit.Place.REQUESTS);
            }
            requests.release(queue, 1);
        }
        waiting.merge(lane, size, Math::min);
        return null;
    }

    /** The request is over; its outcome is to be written. */
    synchronized void answered(QueueId queue, AttemptPermit pass) {
        if (pass.place() == AttemptPermit.Place.REQUESTS) {
            requests.release(queue, 1);
            unwritten.take(queue, 1);
            pass.moveTo(AttemptPermit.Place.UNWRITTEN);
        }
    }

    /** Nothing is left of the request. */
    synchronized void release(QueueId queue, AttemptPermit pass) {
        switch (pass.place()) {
            case NONE -> {}
            case REQUESTS -> requests.release(queue, 1);
            case UNWRITTEN -> unwritten.release(queue, 1);
        }
        if (pass.size > 0) {
            bytes.release(queue, pass.size);
        }
        pass.moveTo(AttemptPermit.Place.NONE);
    }

    /** A lane that was refused and finds room now; those that have no request open go first. Null where there is none. */
    synchronized @Nullable Lane next() {
        Lane busy = null;
        for (var wanted : waiting.entrySet()) {
            Lane lane = wanted.getKey();
            if (hasRoom(lane.id, wanted.getValue())) {
                if (requests.heldBy(lane.id) == 0) {
                    waiting.remove(lane);
                    return lane;
                }
                busy = busy == null ? lane : busy;
            }
        }
        if (busy != null) {
            waiting.remove(busy);
        }
        return busy;
    }

    private boolean hasRoom(QueueId queue, long size) {
        return unwritten.hasRoom(queue, 1) && requests.hasRoom(queue, 1) && bytes.hasRoom(queue, size);
    }
}
