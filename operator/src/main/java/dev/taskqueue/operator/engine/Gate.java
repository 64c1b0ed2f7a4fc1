package dev.taskqueue.operator.engine;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What all lanes share: open requests, the memory they take, and outcomes that wait for their write. A lane may hold no more open requests,
 * and no more bytes, than are still free (the dynamic threshold of shared packet buffers), so however many lanes hang, a further one finds
 * room; a lane that holds none always gets one. Too many unwritten outcomes close the gate: a slow API server slows dispatching down.
 */
final class Gate {
    private final Engine.Limits limits;
    private final Queue<Lane> idle = new ArrayDeque<>();
    private final Queue<Lane> busy = new ArrayDeque<>();
    private int inFlight;
    private int unwritten;
    /** Of open requests and of those whose outcome is not yet written. */
    private long bytes;

    Gate(Engine.Limits limits) {
        this.limits = limits;
    }

    /**
     * Takes a place for a request.
     *
     * @param held how many its lane holds already
     * @param heldBytes what those take
     */
    synchronized boolean tryEnter(long size, int held, long heldBytes) {
        if (isClosed() || (held > 0 && !hasRoom(size, held, heldBytes))) {
            return false;
        }
        inFlight++;
        bytes += size;
        return true;
    }

    private boolean hasRoom(long size, int held, long heldBytes) {
        return held < limits.maxInFlight() - inFlight && heldBytes + size <= limits.maxBytes() - bytes;
    }

    private boolean isClosed() {
        return unwritten >= limits.maxUnwritten();
    }

    /** The lane was refused and wants to be told when there is room; as long as it holds no request it goes before those that do. */
    synchronized void await(Lane lane, int held) {
        (held == 0 ? idle : busy).add(lane);
    }

    /** A lane that was refused and may try again; null when there is none or the gate is closed. */
    synchronized @Nullable Lane next() {
        if (isClosed()) {
            return null;
        }
        Lane first = idle.poll();
        return first != null ? first : busy.poll();
    }

    /** The request left nothing behind: it was not sent after all. */
    synchronized void leave(long size) {
        inFlight--;
        bytes -= size;
    }

    synchronized void answered() {
        unwritten++;
        inFlight--;
    }

    synchronized void written(long size) {
        unwritten--;
        bytes -= size;
    }

    /** Requests and outcomes that are not yet written. */
    synchronized int unfinished() {
        return inFlight + unwritten;
    }
}
