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
    private static final int BATCHES = 8;

    private final SharedPool writes;
    private final SharedPool claims = new SharedPool("claims", CLAIMS, false);
    private final SharedPool redrives = new SharedPool("redrives", REDRIVES, false);
    private final SharedPool deletes = new SharedPool("deletes", DELETES, false);
    private final SharedPool batches = new SharedPool("batches", BATCHES, false);

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

    /** Blocks until there is a slot for this kind of write. Redrives, deletes and the writes of batches have taken theirs already. */
    public Slot acquire(WriteKind kind, QueueId holder) {
        return switch (kind) {
            case OUTCOME, COMPLETED_ANNOTATION, END_BY_DELETE, RESCUE_DELETE, DEAD_LETTER, WAITING_STATUS ->
                acquire(writes, holder);
            case CLAIM -> acquire(claims, holder);
            case LAST_CLAIM -> writes.tryAcquire(holder, 1) ? () -> writes.release(holder, 1) : acquire(claims, holder);
            case REDRIVE,
                    DELETE,
                    BATCH_STATUS,
                    BATCH_COMPLETED_ANNOTATION,
                    BATCH_DEAD_LETTERS,
                    BATCH_REPORT,
                    BATCH_DELETE -> () -> {};
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

    /** For the statuses of batches, and what is created at their end. */
    public SharedPool batches() {
        return batches;
    }

    /** Whether no outcome is being written. Then less urgent writes may begin. */
    public boolean isIdle() {
        return writes.used() == 0;
    }

    public List<SharedPool> pools() {
        return List.of(writes, claims, redrives, deletes, batches);
    }
}
