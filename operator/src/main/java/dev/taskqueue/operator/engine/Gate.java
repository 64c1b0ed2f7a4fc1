package dev.taskqueue.operator.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What all lanes share: open requests, and outcomes that wait for their write. A lane may hold no more open requests than are still free
 * (the dynamic threshold of shared packet buffers), so however many lanes hang, a further one finds room; a lane that holds none always
 * gets one. Too many unwritten outcomes close the gate: a slow API server slows dispatching down.
 */
final class Gate {
    private final int maxInFlight;
    private final int maxUnwritten;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger unwritten = new AtomicInteger();
    private final Queue<Lane> idle = new ConcurrentLinkedQueue<>();
    private final Queue<Lane> busy = new ConcurrentLinkedQueue<>();

    Gate(int maxInFlight, int maxUnwritten) {
        this.maxInFlight = maxInFlight;
        this.maxUnwritten = maxUnwritten;
    }

    /** Takes a place for a request of a lane that holds {@code held} already. */
    boolean tryEnter(int held) {
        while (unwritten.get() < maxUnwritten) {
            int open = inFlight.get();
            if (held > 0 && held >= maxInFlight - open) {
                return false;
            }
            if (inFlight.compareAndSet(open, open + 1)) {
                return true;
            }
        }
        return false;
    }

    /** The lane was refused and wants to be told when there is room; as long as it holds no request it goes before those that do. */
    void await(Lane lane, int held) {
        (held == 0 ? idle : busy).add(lane);
    }

    /** A lane that was refused and may try again; null when there is none or the gate is closed. */
    @Nullable Lane next() {
        if (unwritten.get() >= maxUnwritten) {
            return null;
        }
        Lane first = idle.poll();
        return first != null ? first : busy.poll();
    }

    /** The request left nothing behind: it was not sent after all. */
    void leave() {
        inFlight.decrementAndGet();
    }

    void answered() {
        unwritten.incrementAndGet();
        inFlight.decrementAndGet();
    }

    void written() {
        unwritten.decrementAndGet();
    }

    int inFlight() {
        return inFlight.get();
    }

    int unwritten() {
        return unwritten.get();
    }
}
