package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.batch.BatchDeadLetterDraft;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.OnFinishedDraft;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ApiReply;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.QueueProfile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates what follows from the outcomes of a batch: batches of dead letters, and the Task of {@code onFinished}. Status names the intent before, and the
 * names follow from the batch, so that a crash in between leads to exactly one object.
 */
final class BatchEnding {
    private static final Logger LOG = LoggerFactory.getLogger(BatchEnding.class);
    /** The shortest time between two batches of dead letters. */
    private static final long DEAD_LETTER_PACE = Duration.ofSeconds(5).toNanos();

    private final ApiClient api;
    private final BatchRequests batches;
    private final BatchWriter writer;
    private final BatchContents contents;
    private final QueueProfiles queues;
    private final Clocks clocks;

    BatchEnding(ApiClient api, BatchWriter writer, BatchContents contents, QueueProfiles queues, Clocks clocks) {
        this.api = api;
        this.batches = new BatchRequests(api);
        this.writer = writer;
        this.contents = contents;
        this.queues = queues;
        this.clocks = clocks;
    }

    /** Whether the Task of {@code onFinished} is still to be created. The caller holds the record's monitor. */
    static boolean wantsReport(BatchRecord record) {
        return record.progress.onFinishedTask() == null
                && !record.isReportRefused
                && OnFinishedDraft.isWanted(record.object.spec(), record.progress);
    }

    /** Creates the next batch of dead letters, for those that status names. */
    BatchWriter.Result createDeadLetters(BatchRecord record, long now) {
        ItemList items;
        try {
            items = contents.items(record.id);
        } catch (IOException unreadable) {
            return new BatchWriter.Result.RetryLater(unreadable.toString(), Duration.ZERO);
        }
        if (items == null) {
            return new BatchWriter.Result.Gone();
        }
        QueueProfile profile = queues.get(record.queue);
        String queue = profile == null ? null : profile.deadLetterQueue();
        if (profile == null || queue == null) {
            // The queue has no dead-letter queue any more.
            giveUp(record, now);
            return new BatchWriter.Result.Written(0);
        }
        BatchDeadLetterDraft.Draft draft;
        synchronized (record) {
            var goal = new BatchDeadLetterDraft.Goal(queue, (BitSet) record.deadLettersDue.clone());
            draft = BatchDeadLetterDraft.of(record.object, items, record.progress, profile.httpTarget(), goal);
        }
        WriteAnswer answer = writer.createBatch(record.id, draft.json());
        return switch (answer) {
            case WriteAnswer.Done _ -> created(record, draft.indexes(), now);
            case WriteAnswer.Conflict _, WriteAnswer.Lost _ -> {
                BitSet there = existing(record.id, draft.name());
                if (!there.isEmpty()) {
                    yield created(record, there, now);
                }
                if (answer instanceof WriteAnswer.Conflict) {
                    LOG.warn("TaskBatch {} has no dead letters: another object has the name {}", record, draft.name());
                    giveUp(record, now);
                    yield new BatchWriter.Result.Written(0);
                }
                yield new BatchWriter.Result.RetryLater("the answer was lost", Duration.ZERO);
            }
            case WriteAnswer.Rejected(String why) -> {
                LOG.warn("TaskBatch {} has no dead letters in TaskQueue {}: {}", record, queue, why);
                giveUp(record, now);
                yield new BatchWriter.Result.Written(0);
            }
            case WriteAnswer.NotFound _, WriteAnswer.Fenced _, WriteAnswer.RetryLater _, WriteAnswer.Forbidden _ ->
                BatchWriter.Result.of(answer);
        };
    }

    private static BatchWriter.Result created(BatchRecord record, BitSet indexes, long now) {
        synchronized (record) {
            record.progress.deadLettered(indexes);
            record.deadLettersDue.andNot(indexes);
            record.nextDeadLetterAt = now + DEAD_LETTER_PACE;
            record.hasNews = true;
        }
        return new BatchWriter.Result.Written(0);
    }

    private static void giveUp(BatchRecord record, long now) {
        synchronized (record) {
            record.progress.withoutDeadLetters(record.deadLettersDue);
            record.deadLettersDue.clear();
            record.nextDeadLetterAt = now;
            record.hasNews = true;
        }
    }

    private BitSet existing(BatchId batch, String name) {
        try {
            ApiReply reply = batches.get(new BatchId(batch.namespace(), name, ""));
            return WriteAnswer.of(reply) instanceof WriteAnswer.Done(JsonNode object)
                    ? BatchDeadLetterDraft.indexesIn(object, batch)
                    : new BitSet();
        } catch (IOException lost) {
            return new BitSet();
        }
    }

    /** Creates the Task of {@code onFinished}. Every outcome is in status. */
    BatchWriter.Result report(BatchRecord record) {
        String name;
        String json;
        Instant endedAt = clocks.instant();
        synchronized (record) {
            name = OnFinishedDraft.name(record.id, record.progress.round());
            json = OnFinishedDraft.json(record.object, record.progress, endedAt);
        }
        WriteAnswer answer = writer.createTask(record.id, json);
        return switch (answer) {
            case WriteAnswer.Done _ -> reported(record, name);
            case WriteAnswer.Conflict _, WriteAnswer.Lost _ -> {
                if (isReport(record.id, name)) {
                    yield reported(record, name);
                }
                yield answer instanceof WriteAnswer.Conflict
                        ? refused(record, "another Task has the name " + name)
                        : new BatchWriter.Result.RetryLater("the answer was lost", Duration.ZERO);
            }
            case WriteAnswer.Rejected(String why) -> refused(record, why);
            case WriteAnswer.NotFound _, WriteAnswer.Fenced _, WriteAnswer.RetryLater _, WriteAnswer.Forbidden _ ->
                BatchWriter.Result.of(answer);
        };
    }

    private static BatchWriter.Result reported(BatchRecord record, String name) {
        synchronized (record) {
            record.progress.reported(name);
        }
        return new BatchWriter.Result.Written(0);
    }

    /** The batch ends all the same. */
    private static BatchWriter.Result refused(BatchRecord record, String why) {
        LOG.warn("TaskBatch {} has no Task for onFinished: {}", record, why);
        synchronized (record) {
            record.isReportRefused = true;
        }
        return new BatchWriter.Result.Written(0);
    }

    private boolean isReport(BatchId batch, String name) {
        try {
            ApiReply reply = api.get(new TaskId(batch.namespace(), name, ""));
            return WriteAnswer.of(reply) instanceof WriteAnswer.Done(JsonNode task)
                    && task.path("metadata")
                            .path("annotations")
                            .path(Annotations.BATCH_UID)
                            .asText()
                            .equals(batch.uid());
        } catch (IOException lost) {
            return false;
        }
    }

    /**
     * Writes the annotation by which a batch that ended is recognised if it is restored without its status. Only batches that Git, Helm or kubectl
     * apply manages need it.
     */
    void annotate(BatchRecord record) {
        boolean isSuccess;
        synchronized (record) {
            if (!record.object.tracked() || record.isAnnotated) {
                return;
            }
            record.isAnnotated = true;
            isSuccess = record.progress.isSuccess();
        }
        try {
            if (WriteAnswer.of(batches.get(record.id)) instanceof WriteAnswer.Done(JsonNode now)) {
                new CompletedAnnotation(isSuccess, clocks.instant()).patch(now).ifPresent(patch -> {
                    if (!(writer.annotate(record.id, patch) instanceof WriteAnswer.Done)) {
                        LOG.warn("TaskBatch {} ends without the annotation {}", record, Annotations.COMPLETED);
                    }
                });
            }
        } catch (IOException lost) {
            LOG.warn("TaskBatch {} ends without the annotation {}: {}", record, Annotations.COMPLETED, lost.toString());
        }
    }
}
