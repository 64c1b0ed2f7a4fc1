package dev.taskqueue.operator.write;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ApiReply;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.kube.WriteAnswer;
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

    /** Patches status, with the version that the patch has. */
    public WriteAnswer patchStatus(TaskRecord record, String patch) throws IOException {
        return guarded(record, () -> api.patchStatus(record.id, patch));
    }

    /** Patches metadata, with the version that the patch has. */
    public WriteAnswer patch(TaskRecord record, String patch) throws IOException {
        return guarded(record, () -> api.patch(record.id, patch));
    }

    /** Deletes the Task, under the preconditions that the options have. */
    public WriteAnswer delete(TaskRecord record, String options) throws IOException {
        return guarded(record, () -> api.delete(record.id, options));
    }

    /** Creates another Task because of this one. */
    public WriteAnswer create(TaskRecord because, String task) throws IOException {
        return guarded(because, () -> api.create(because.id.namespace(), task));
    }

    private interface Request {
        ApiReply send() throws IOException;
    }

    /**
     * Asks the fence last, when the request is complete with the version of the Task in it. So if another process leads by the time that the request
     * arrives, whatever it has written there is newer than that version.
     */
    private WriteAnswer guarded(TaskRecord record, Request request) throws IOException {
        return switch (mayWrite(record)) {
            case GRANTED -> {
                WriteAnswer answer = WriteAnswer.of(request.send());
                if (answer instanceof WriteAnswer.Done(JsonNode body)) {
                    api.acknowledged(record.id.namespace(), body);
                }
                yield answer;
            }
            case LATER -> WriteAnswer.UNDECIDED;
            case DENIED -> new WriteAnswer.Fenced();
        };
    }

    /** Whether this process may write the outcome of this Task now, and the writes that come before it. */
    Fence.Permission mayWrite(TaskRecord record) {
        return fence.permission(record.writtenStatus()::isClaimedBy);
    }
}
