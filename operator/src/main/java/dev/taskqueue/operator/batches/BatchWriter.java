package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.batch.BatchPatch;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ApiReply;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.write.WriteKind;
import dev.taskqueue.operator.write.WriteResult;
import dev.taskqueue.operator.write.WriteRetries;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Makes single writes for a batch, and finds out what has become of a write whose answer does not say so. The fence is asked before each. */
final class BatchWriter {
    /** Equal in two statuses that say the same of the items. Two leaders may write the same revision one after the other. */
    private static final List<String> SAME = List.of(
            "progress",
            "state",
            "succeeded",
            "failed",
            "skipped",
            "retries",
            "claims",
            "deadLetters",
            "onFinishedTask");

    private final ApiClient api;
    private final BatchRequests batches;
    private final Fence fence;
    private final WriteRetries retries;

    /** @param retries counts and logs the answers; each caller repeats its writes itself */
    BatchWriter(ApiClient api, BatchRequests batches, Fence fence, WriteRetries retries) {
        this.api = api;
        this.batches = batches;
        this.fence = fence;
        this.retries = retries;
    }

    /**
     * A status that is to replace the last one.
     *
     * @param revision that of the last one
     * @param outcomes the items whose outcomes it has
     * @param claimed the items that have a claim of this process in it
     * @param deadLetters the failed items that wait for a dead letter in it
     */
    record Commit(long revision, ObjectNode status, Set<Integer> outcomes, BitSet claimed, BitSet deadLetters) {}

    /** What has become of a write. */
    sealed interface Result {
        /** It is in. */
        record Written(long version) implements Result {}

        /** The object does not exist any more. */
        record Gone() implements Result {}

        /** Another process has written, and the object says this now. */
        record Overtaken(JsonNode object) implements Result {}

        /** It is to be tried again after a pause. */
        record RetryLater(String why, Duration atLeast) implements Result {}

        /** The API server refuses it. It is to be tried again after a pause. */
        record Refused(String why) implements Result {}

        /** This process may not write it. */
        record Fenced() implements Result {}

        /**
         * The meaning of an answer that says by itself what has become of the write.
         *
         * @throws IllegalStateException for one that does not, or that the caller has to judge
         */
        static Result of(WriteAnswer answer) {
            return switch (answer) {
                case WriteAnswer.NotFound _ -> new Gone();
                case WriteAnswer.Fenced _ -> new Fenced();
                case WriteAnswer.RetryLater(String why, Duration atLeast) -> new RetryLater(why, atLeast);
                case WriteAnswer.Forbidden(String why) -> new RetryLater(why, Duration.ZERO);
                case WriteAnswer.Done _, WriteAnswer.Conflict _, WriteAnswer.Rejected _, WriteAnswer.Lost _ ->
                    throw new IllegalStateException(answer + " is to be judged");
            };
        }
    }

    /** Writes a status. */
    Result commit(BatchRecord record, Commit commit, BitSet claimedBefore) {
        BatchId batch = record.id;
        String patch = BatchPatch.of(batch, commit.revision(), commit.status());
        WriteAnswer answer = send(claimedBefore, commit.outcomes(), () -> batches.patchStatus(batch, patch));
        Result result = result(batch, commit, answer);
        WriteResult counted = note(WriteKind.BATCH_STATUS, record, judged(answer, result));
        return counted instanceof WriteResult.Refused(String why, var _) ? new Result.Refused(why) : result;
    }

    private Result result(BatchId batch, Commit commit, WriteAnswer answer) {
        return switch (answer) {
            case WriteAnswer.Done(JsonNode body) -> written(batch, body);
            case WriteAnswer.Conflict _ -> readBack(batch, commit, later("something else was written first"));
            case WriteAnswer.Rejected(String why) -> readBack(batch, commit, new Result.Refused(why));
            case WriteAnswer.Lost(String why) -> readBack(batch, commit, later(why));
            case WriteAnswer.NotFound _, WriteAnswer.Fenced _, WriteAnswer.RetryLater _, WriteAnswer.Forbidden _ ->
                Result.of(answer);
        };
    }

    private static Result later(String why) {
        return new Result.RetryLater(why, Duration.ZERO);
    }

    /** What the answer has turned out to mean: a refusal of the patch may only be that of its test. */
    private static WriteAnswer judged(WriteAnswer answer, Result result) {
        return switch (result) {
            case Result.Written _ -> new WriteAnswer.Done(MissingNode.getInstance());
            case Result.Gone _ -> new WriteAnswer.NotFound();
            case Result.Overtaken _ -> new WriteAnswer.Conflict();
            case Result.RetryLater(String why, Duration atLeast)
            when answer instanceof WriteAnswer.Rejected -> new WriteAnswer.RetryLater(why, atLeast);
            case Result.RetryLater _, Result.Refused _, Result.Fenced _ -> answer;
        };
    }

    /** Counts and logs an answer. */
    private WriteResult note(WriteKind kind, BatchRecord record, WriteAnswer answer) {
        try (WriteRetries.Series series = retries.begin(kind, record.id, record.queue)) {
            WriteResult result = series.resultOf(answer);
            if (result instanceof WriteResult.RetryLater later) {
                series.failed(later.why());
            }
            return result;
        }
    }

    private Result written(BatchId batch, JsonNode answer) {
        batches.acknowledged(batch.namespace(), answer);
        return new Result.Written(
                answer.path("metadata").path("resourceVersion").asLong());
    }

    /**
     * A test of the patch has failed, or the answer was lost: the object says which.
     *
     * @param otherwise the result if neither this write nor another one is in
     */
    private Result readBack(BatchId batch, Commit commit, Result otherwise) {
        try {
            return switch (WriteAnswer.of(batches.get(batch))) {
                case WriteAnswer.Done(JsonNode now) -> compared(batch, commit, otherwise, now);
                case WriteAnswer.NotFound _ -> new Result.Gone();
                default -> later("the API server did not say what the status is now");
            };
        } catch (IOException | RuntimeException lost) {
            // An answer that cannot be read, for example from a proxy, counts as lost.
            return later(lost.toString());
        }
    }

    private Result compared(BatchId batch, Commit commit, Result otherwise, JsonNode now) {
        if (!BatchReader.id(now).equals(batch)) {
            return new Result.Gone();
        }
        JsonNode status = now.path("status");
        long revision = status.path("revision").asLong();
        if (revision == commit.revision()) {
            return otherwise;
        }
        return revision == commit.revision() + 1 && saysTheSame(status, commit.status())
                ? written(batch, now)
                : new Result.Overtaken(now);
    }

    private static boolean saysTheSame(JsonNode one, JsonNode other) {
        return SAME.stream().allMatch(field -> one.path(field).equals(other.path(field)));
    }

    /** Creates a Task because of this batch. */
    WriteAnswer createTask(BatchRecord because, String task) {
        return once(WriteKind.BATCH_REPORT, because, () -> api.create(because.id.namespace(), task));
    }

    /** Creates another batch because of this one. */
    WriteAnswer createBatch(BatchRecord because, String batch) {
        return once(WriteKind.BATCH_DEAD_LETTERS, because, () -> batches.create(because.id.namespace(), batch));
    }

    /** Writes an annotation. */
    WriteAnswer annotate(BatchRecord record, String patch) {
        return once(WriteKind.BATCH_COMPLETED_ANNOTATION, record, () -> batches.patch(record.id, patch));
    }

    /** Deletes the batch, under the preconditions that the options have. */
    WriteResult delete(BatchRecord record, String options) {
        return note(
                WriteKind.BATCH_DELETE, record, send(new BitSet(), Set.of(), () -> batches.delete(record.id, options)));
    }

    private WriteAnswer once(WriteKind kind, BatchRecord record, Request request) {
        WriteAnswer answer = send(new BitSet(), Set.of(), request);
        note(kind, record, answer);
        return answer;
    }

    private interface Request {
        ApiReply send() throws IOException;
    }

    /**
     * Asks the fence, and sends.
     *
     * @param claimed the items whose outcomes this process may write even after it has given the Lease back
     * @param outcomes the items that the write is about
     */
    private WriteAnswer send(BitSet claimed, Set<Integer> outcomes, Request request) {
        boolean areClaimed = !outcomes.isEmpty() && outcomes.stream().allMatch(claimed::get);
        return switch (fence.permission(_ -> areClaimed)) {
            case GRANTED -> send(request);
            case LATER -> WriteAnswer.UNDECIDED;
            case DENIED -> new WriteAnswer.Fenced();
        };
    }

    private static WriteAnswer send(Request request) {
        try {
            return WriteAnswer.of(request.send());
        } catch (IOException | RuntimeException lost) {
            // An answer that cannot be read, for example from a proxy, counts as lost.
            return new WriteAnswer.Lost(lost.toString());
        }
    }
}
