package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A TaskBatch as it was read, without its items and its progress.
 *
 * @param createdAt cut to whole seconds
 * @param deleting whether it is deleted and only a finalizer keeps it
 * @param tracked whether Git, Helm or kubectl apply manages it, and would create it again
 * @param labels those that objects get which are created because of it
 * @param actions what its annotations ask for
 * @param completed how it ended before, if its annotation says so
 * @param problem why it can never be sent, as far as the items need not be read for it; null if nothing is wrong
 * @param told what status says of the batch as a whole
 * @param storedBytes how many bytes the object takes in the API server's database, nearly
 */
public record BatchObject(
        BatchId id,
        QueueId queue,
        long resourceVersion,
        Instant createdAt,
        boolean deleting,
        boolean tracked,
        Map<String, String> labels,
        Actions actions,
        @Nullable CompletedAnnotation completed,
        BatchSpec spec,
        @Nullable String problem,
        Told told,
        int storedBytes) {
    /**
     * The metadata of an object that is created because of this batch. The uid in it tells whether an object of the name is that one.
     *
     * @param name follows from the batch, so that the object is created once
     */
    ObjectNode metadataOf(String name) {
        ObjectNode metadata = TaskJson.MAPPER.createObjectNode();
        metadata.put("namespace", id.namespace()).put("name", name);
        if (!labels.isEmpty()) {
            ObjectNode own = metadata.putObject("labels");
            labels.forEach(own::put);
        }
        metadata.putObject("annotations").put(Annotations.BATCH_UID, id.uid());
        return metadata;
    }

    /** Whether status says that it has ended. */
    public boolean isFinished() {
        return told.state() == BatchState.Succeeded || told.state() == BatchState.Failed;
    }

    /** {@code spec.ttlAfterFinished}; null if it is missing or cannot be read. */
    public @Nullable Duration ttl() {
        try {
            return spec.ttlAfterFinished() == null ? null : Durations.parse(spec.ttlAfterFinished());
        } catch (IllegalArgumentException wrong) {
            return null;
        }
    }

    /**
     * When the items are due that name no time, but not before the creation.
     *
     * @param created when the batch was created, by the operator's clock
     */
    public Instant dueAt(Instant created) {
        if (spec.delay() != null && problem == null) {
            return created.plus(Durations.parse(spec.delay()));
        }
        return Times.read(spec.scheduleTime())
                .filter(scheduled -> scheduled.isAfter(created))
                .orElse(created);
    }

    /** From when on no attempt may leave; null if the spec says nothing. */
    public @Nullable Instant expireAt() {
        return Times.read(spec.expireTime()).orElse(null);
    }

    /**
     * What must be known of a batch that another process works on, or that has ended.
     *
     * @param endedAt when it ended; null if it has not
     */
    public record Told(
            BatchState state, long revision, @Nullable Instant endedAt) {}

    /**
     * The annotations that people write on a batch. A null stands for one that is not there.
     *
     * @param runNow each new value has items sent at once
     * @param redrive each new value starts what has failed again
     * @param hold why no item leaves
     * @param cancel why nothing further leaves, for good
     */
    public record Actions(
            @Nullable String runNow,
            @Nullable String redrive,
            @Nullable String hold,
            @Nullable String cancel) {}
}
