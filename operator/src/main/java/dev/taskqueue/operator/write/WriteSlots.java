package dev.taskqueue.operator.write;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.limits.SharedPool;
import java.util.List;

/**
 * Bounds the writes in flight. Namespaces and queues share each pool: if the writes of one hang, the others still have slots. A queue that is alone
 * gets half of a pool.
 */
public final class WriteSlots {
    private static final int CLAIMS = 8;
    private static final int REDRIVES = 8;
    private static final int DELETES = 8;

    private final SharedPool writes;
    private final SharedPool claims = new SharedPool("claims", CLAIMS, false);
    private final SharedPool redrives = new SharedPool("redrives", REDRIVES, false);
    private final SharedPool deletes = new SharedPool("deletes", DELETES, false);

    /** One slot. Close it to give it back. */
    public interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Creates pools in which all slots are free.
     *
     * @param writes the number of slots for outcomes and the writes that come with them
     */
    public WriteSlots(int writes) {
        this.writes = new SharedPool("writes", writes, false);
    }

    /** Blocks until there is a slot for this kind of write. {@link WriteQueue} has taken the slots of redrives and deletes already. */
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

    /** Whether no outcome is being written. Then less urgent writes may begin. */
    public boolean isIdle() {
        return writes.used() == 0;
    }

    public List<SharedPool> pools() {
        return List.of(writes, claims, redrives, deletes);
    }
}
