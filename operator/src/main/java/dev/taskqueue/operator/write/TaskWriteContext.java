package dev.taskqueue.operator.write;

import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ObjectLookup;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * The parts that all writers of Tasks share.
 *
 * @param tasks the records of all Task objects
 * @param slots bounds the writes in flight
 * @param fence asked before every write
 * @param retries decides when a write is tried again, and logs failures
 */
public record TaskWriteContext(
        ApiClient api, TaskCache tasks, WriteSlots slots, Fence fence, InstantSource wall, WriteRetries retries) {
    /** For tests: one clock, and no metrics. */
    public TaskWriteContext(ApiClient api, TaskCache tasks, WriteSlots slots, Fence fence, InstantSource wall) {
        this(
                api,
                tasks,
                slots,
                fence,
                wall,
                new WriteRetries(
                        new Clocks(wall, () -> TimeUnit.MILLISECONDS.toNanos(wall.millis())),
                        Sleeper.SYSTEM,
                        WriteListener.NOBODY));
    }

    /** Reads a Task past every cache, and applies what was read to its record. */
    public ObjectLookup lookUp(TaskRecord record) throws IOException {
        long knew = record.resourceVersion();
        ObjectLookup lookup = api.lookUp(record.id);
        if (lookup instanceof ObjectLookup.Found found) {
            record.apply(new TaskMessage.Read(knew, found.task()));
        }
        return lookup;
    }

    /** Whether an outcome may be written. */
    enum WritePermission {
        GRANTED,
        /** Not now: this process will soon know whether it is still the leader. */
        LATER,
        /** No: another process decides. */
        DENIED
    }

    /** Whether this process may write the outcome of this Task now, and the writes that come before it. */
    WritePermission mayWrite(TaskRecord record) {
        return switch (fence.outcomes()) {
            case Fence.Outcomes.All _ -> WritePermission.GRANTED;
            case Fence.Outcomes.Later _ -> WritePermission.LATER;
            case Fence.Outcomes.OfClaims own ->
                record.writtenStatus().isClaimedBy(own.holder()) ? WritePermission.GRANTED : WritePermission.DENIED;
            case Fence.Outcomes.None _ -> WritePermission.DENIED;
        };
    }
}
