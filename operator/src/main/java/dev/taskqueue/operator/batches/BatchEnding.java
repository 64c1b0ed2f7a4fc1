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
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ApiReply;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.kube.CreationExpectations.Expected;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.QueueProfile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
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

    private static final Creation DEAD_LETTER = new Creation(
            "taskbatches",
            "what TaskBatch and httpTarget say",
            "these dead letters, which have the labels of the batch");
    private static final Creation REPORT =
            new Creation("tasks", "what onFinished says", "this Task, which has the labels of the batch");

    /** Something that is created at the end, for people. */
    private record Creation(String resource, String contents, String name) {
        String withAdvice(String why, String otherwise) {
            if (WriteAnswer.namesPolicy(why)) {
                return why + "; have that policy allow " + name;
            }
            return why.startsWith("the API server") ? why + otherwise : why;
        }
    }

    private final ApiClient api;
    private final BatchRequests batches;
    private final BatchWriter writer;
    private final BatchContents contents;
    private final QueueProfiles queues;
    private final Clocks clocks;
    private final Listener listener;

    /** @param listener hears of dead letters */
    BatchEnding(
            ApiClient api,
            BatchWriter writer,
            BatchContents contents,
            QueueProfiles queues,
            Clocks clocks,
            Listener listener) {
        this.listener = listener;
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
                && !record.progress.refusals().isReportRefused()
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
        boolean isRepeated;
        synchronized (record) {
            var indexes = (BitSet) record.deadLettersDue.clone();
            BitSet unanswered = record.deadLettersUnanswered;
            isRepeated = unanswered != null && indexes.intersects(unanswered);
            if (unanswered != null && isRepeated) {
                indexes.and(unanswered);
            }
            var goal = new BatchDeadLetterDraft.Goal(queue, indexes);
            draft = BatchDeadLetterDraft.of(record.object, items, record.progress, profile.httpTarget(), goal);
            record.deadLettersUnanswered = draft.indexes();
        }
        var expected = new Expected(record.id.namespace(), draft.name(), record.id.uid());
        if (!isRepeated) {
            // In an earlier round there may have been dead letters of this name without an answer.
            api.creations().settle(expected);
        }
        BatchWriter.Result result = api.creations().isShown(expected)
                ? created(record, draft.indexes(), now)
                : createDeadLetters(record, draft, queue, expected, now);
        return settled(record, expected, result);
    }

    private BatchWriter.Result createDeadLetters(
            BatchRecord record, BatchDeadLetterDraft.Draft draft, String queue, Expected expected, long now) {
        api.creations().expect(expected);
        WriteAnswer answer = writer.createBatch(record, draft.json());
        return switch (answer) {
            case WriteAnswer.Done _ -> created(record, draft.indexes(), now);
            case WriteAnswer.Conflict _, WriteAnswer.Lost _ -> {
                switch (found(() -> batches.get(new BatchId(record.id.namespace(), draft.name(), "")))) {
                    case Found.Absent(String why) -> {
                        // It may be delivered and deleted already.
                        yield api.creations().isShown(expected)
                                ? created(record, draft.indexes(), now)
                                : new BatchWriter.Result.RetryLater(why, Duration.ZERO);
                    }
                    case Found.Present(JsonNode object) -> {
                        BitSet there = BatchDeadLetterDraft.indexesIn(object, record.id);
                        if (!there.isEmpty()) {
                            yield created(record, there, now);
                        }
                        yield noDeadLetters(record, queue, "another object has their name " + draft.name(), now);
                    }
                }
            }
            case WriteAnswer.Rejected _, WriteAnswer.Forbidden _ -> {
                String why = refusal(record, answer, DEAD_LETTER);
                yield why == null ? BatchWriter.Result.of(answer) : noDeadLetters(record, queue, why, now);
            }
            case WriteAnswer.NotFound _, WriteAnswer.Fenced _, WriteAnswer.RetryLater _ ->
                BatchWriter.Result.of(answer);
        };
    }

    /** Forgets what is settled. */
    private BatchWriter.Result settled(BatchRecord record, Expected expected, BatchWriter.Result result) {
        if (!(result instanceof BatchWriter.Result.RetryLater)) {
            api.creations().settle(expected);
            synchronized (record) {
                record.deadLettersUnanswered = null;
            }
        }
        return result;
    }

    private BatchWriter.Result created(BatchRecord record, BitSet indexes, long now) {
        listener.deadLettered(record.queue, indexes.cardinality());
        synchronized (record) {
            record.progress.deadLettered(indexes);
            record.forbiddenSince = null;
            record.deadLettersDue.andNot(indexes);
            record.nextDeadLetterAt = now + DEAD_LETTER_PACE;
            record.hasNews = true;
        }
        return new BatchWriter.Result.Written(0);
    }

    private static BatchWriter.Result noDeadLetters(BatchRecord record, String queue, String why, long now) {
        synchronized (record) {
            record.progress.refusals().refuseDeadLetters(queue, why);
        }
        giveUp(record, now);
        return new BatchWriter.Result.Written(0);
    }

    private static void giveUp(BatchRecord record, long now) {
        synchronized (record) {
            record.progress.withoutDeadLetters(record.deadLettersDue);
            record.forbiddenSince = null;
            record.deadLettersDue.clear();
            record.nextDeadLetterAt = now;
            record.hasNews = true;
        }
    }

    /** The object whose name is taken, or whose creation had no answer. */
    private sealed interface Found {
        record Present(JsonNode json) implements Found {}

        /** There is none, or it could not be read. Either way the creation is to be tried again. */
        record Absent(String why) implements Found {}
    }

    private interface Read {
        ApiReply get() throws IOException;
    }

    private static Found found(Read read) {
        try {
            return WriteAnswer.of(read.get()) instanceof WriteAnswer.Done(JsonNode object)
                    ? new Found.Present(object)
                    : new Found.Absent("the object of that name could not be read");
        } catch (IOException lost) {
            return new Found.Absent(lost.toString());
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
        var expected = new Expected(record.id.namespace(), name, record.id.uid());
        BatchWriter.Result result =
                api.creations().isShown(expected) ? reported(record, name) : report(record, name, json, expected);
        return settled(record, expected, result);
    }

    private BatchWriter.Result report(BatchRecord record, String name, String json, Expected expected) {
        api.creations().expect(expected);
        WriteAnswer answer = writer.createTask(record, json);
        return switch (answer) {
            case WriteAnswer.Done _ -> reported(record, name);
            case WriteAnswer.Conflict _, WriteAnswer.Lost _ ->
                switch (found(() -> api.get(new TaskId(record.id.namespace(), name, "")))) {
                    case Found.Absent(String why) ->
                        // It may be delivered and deleted already.
                        api.creations().isShown(expected)
                                ? reported(record, name)
                                : new BatchWriter.Result.RetryLater(why, Duration.ZERO);
                    case Found.Present(JsonNode task) ->
                        isReport(record.id, task)
                                ? reported(record, name)
                                : refused(record, "another Task has the name " + name);
                };
            case WriteAnswer.Rejected _, WriteAnswer.Forbidden _ -> {
                String why = refusal(record, answer, REPORT);
                yield why == null ? BatchWriter.Result.of(answer) : refused(record, why);
            }
            case WriteAnswer.NotFound _, WriteAnswer.Fenced _, WriteAnswer.RetryLater _ ->
                BatchWriter.Result.of(answer);
        };
    }

    private static BatchWriter.Result reported(BatchRecord record, String name) {
        synchronized (record) {
            record.progress.reported(name);
            record.forbiddenSince = null;
        }
        return new BatchWriter.Result.Written(0);
    }

    /** The batch ends all the same. */
    private static BatchWriter.Result refused(BatchRecord record, String why) {
        synchronized (record) {
            record.progress.refusals().refuseReport(why);
            record.forbiddenSince = null;
        }
        return new BatchWriter.Result.Written(0);
    }

    /**
     * Why the object will not be created; null if it is to be tried again. A 403 may pass: a permission takes effect late, and a quota has room again. As
     * for the dead letter of a Task it is final only after a while.
     */
    private @Nullable String refusal(BatchRecord record, WriteAnswer answer, Creation what) {
        return switch (answer) {
            case WriteAnswer.Rejected(String why) -> what.withAdvice(why, "; change " + what.contents() + " there");
            case WriteAnswer.Forbidden(String why)
            when isLasting(record) ->
                what.withAdvice(
                        why,
                        "; grant the operator create on " + what.resource()
                                + ".taskqueue.dev, and look at the namespace's quota");
            default -> null;
        };
    }

    private boolean isLasting(BatchRecord record) {
        long now = clocks.nanos();
        synchronized (record) {
            if (record.forbiddenSince == null) {
                record.forbiddenSince = now;
            }
            return now - record.forbiddenSince >= WriteAnswer.FORBIDDEN_CREATION_GRACE.toNanos();
        }
    }

    private static boolean isReport(BatchId batch, JsonNode task) {
        return task.path("metadata")
                .path("annotations")
                .path(Annotations.BATCH_UID)
                .asText()
                .equals(batch.uid());
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
                    if (!(writer.annotate(record, patch) instanceof WriteAnswer.Done)) {
                        LOG.warn("TaskBatch {} ends without the annotation {}", record, Annotations.COMPLETED);
                    }
                });
            }
        } catch (IOException lost) {
            LOG.warn("TaskBatch {} ends without the annotation {}: {}", record, Annotations.COMPLETED, lost.toString());
        }
    }
}
