package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.engine.Clock;
import dev.taskqueue.operator.engine.Fence;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * What all that write to Tasks share.
 *
 * @param tasks every Task object that exists
 * @param slots bounds the writes in flight
 * @param fence asked before every write
 * @param retries says when a write is tried again, and what goes wrong
 */
record Cluster(ApiServer api, Tasks tasks, WriteSlots slots, Fence fence, InstantSource wall, WriteRetries retries) {
    /** Where one clock is enough, and nobody counts writes: in tests. */
    Cluster(ApiServer api, Tasks tasks, WriteSlots slots, Fence fence, InstantSource wall) {
        this(
                api,
                tasks,
                slots,
                fence,
                wall,
                new WriteRetries(
                        new Clock(wall, () -> TimeUnit.MILLISECONDS.toNanos(wall.millis())),
                        Backoff.Sleeper.SYSTEM,
                        WriteListener.NOBODY));
    }

    TaskWriter writer() {
        return new TaskWriter(this);
    }

    /** Reads a Task past every cache, and tells its record what is there. */
    Lookup look(TaskRecord record) throws IOException {
        long knew = record.resourceVersion();
        Lookup lookup = api.look(record.id);
        if (lookup instanceof Lookup.Found found) {
            record.tell(new TaskMessage.Read(knew, found.task()));
        }
        return lookup;
    }

    /** Whether an outcome may be written. */
    enum Leave {
        GRANTED,
        /** Whether this process still leads will be known soon. */
        LATER,
        /** Another process decides. */
        REFUSED
    }

    /** Whether the outcome of this Task may be written now, and whatever goes before it. */
    Leave leave(TaskRecord record) {
        return switch (fence.outcomes()) {
            case Fence.Outcomes.All _ -> Leave.GRANTED;
            case Fence.Outcomes.Later _ -> Leave.LATER;
            case Fence.Outcomes.OfClaims own -> record.told().isClaimedBy(own.holder()) ? Leave.GRANTED : Leave.REFUSED;
            case Fence.Outcomes.None _ -> Leave.REFUSED;
        };
    }
}
