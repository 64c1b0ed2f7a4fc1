package dev.taskqueue.operator.write;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.limits.SharedPool;
import java.util.List;

/**
 * Bounds the writes in flight. Each pool is shared by namespaces and queues, so that one whose writes hang leaves room for all others. A queue
 * that is alone gets half of a pool.
 */
public final class WriteSlots {
    private static final int CLAIMS = 8;
    private static final int REDRIVES = 8;
    private static final int DELETES = 8;

    private final SharedPool writes;
    private final SharedPool claims = new SharedPool("claims", CLAIMS, false);
    private final SharedPool redrives = new SharedPool("redrives", REDRIVES, false);
    private final SharedPool deletes = new SharedPool("deletes", DELETES, false);

    /** One place; closing gives it back. */
    public interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Slots, all of them free.
     *
     * @param writes how many outcomes and what goes with them
     */
    public WriteSlots(int writes) {
        this.writes = new SharedPool("writes", writes, false);
    }

    /** Blocks until there is a place for this kind of write. For redrives and deletes {@link WriteQueue} has taken it. */
    public Slot acquire(WriteKind kind, QueueId holder) {
        return switch (kind) {
            case OUTCOME, COMPLETED_ANNOTATION, END_BY_DELETE, RESCUE_DELETE, DEAD_LETTER, WAITING_STATUS ->
                acquire(writes, holder);
            case CLAIM -> acquire(claims, holder);
            case LAST_CLAIM -> writes.tryAcquire(holder, 1) ? () -> writes.release(holder, 1) : acquire(claims, holder);
            case REDRIVE, DELETE -> () -> {};
        };
    }

    private static Slot acquire(SharedPool pool, QueueId holder) {
        pool.acquire(holder);
        return () -> pool.release(holder, 1);
    }

    public SharedPool redrives() {
        return redrives;
    }

    public SharedPool deletes() {
        return deletes;
    }

    /** Whether no outcome is being written: then what is less urgent may be. */
    public boolean isIdle() {
        return writes.used() == 0;
    }

    public List<SharedPool> pools() {
        return List.of(writes, claims, redrives, deletes);
    }
}
