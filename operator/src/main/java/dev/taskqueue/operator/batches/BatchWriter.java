package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.batch.BatchPatch;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ApiReply;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.kube.WriteAnswer;
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

    BatchWriter(ApiClient api, BatchRequests batches, Fence fence) {
        this.api = api;
        this.batches = batches;
        this.fence = fence;
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
    Result commit(BatchId batch, Commit commit, BitSet claimedBefore) {
        String patch = BatchPatch.of(batch, commit.revision(), commit.status());
        WriteAnswer answer = send(claimedBefore, commit.outcomes(), () -> batches.patchStatus(batch, patch));
        return switch (answer) {
            case WriteAnswer.Done(JsonNode body) -> written(batch, body);
            case WriteAnswer.Conflict _ -> readBack(batch, commit, "something else was written first");
            case WriteAnswer.Rejected(String why) -> readBack(batch, commit, why);
            case WriteAnswer.Lost(String why) -> readBack(batch, commit, why);
            case WriteAnswer.NotFound _, WriteAnswer.Fenced _, WriteAnswer.RetryLater _, WriteAnswer.Forbidden _ ->
                Result.of(answer);
        };
    }

    private Result written(BatchId batch, JsonNode answer) {
        batches.acknowledged(batch.namespace(), answer);
        return new Result.Written(
                answer.path("metadata").path("resourceVersion").asLong());
    }

    /** A test of the patch has failed, or the answer was lost: the object says which. */
    private Result readBack(BatchId batch, Commit commit, String why) {
        JsonNode now;
        try {
            switch (WriteAnswer.of(batches.get(batch))) {
                case WriteAnswer.Done(JsonNode body) -> now = body;
                case WriteAnswer.NotFound _ -> {
                    return new Result.Gone();
                }
                default -> {
                    return new Result.RetryLater(why, Duration.ZERO);
                }
            }
        } catch (IOException lost) {
            return new Result.RetryLater(lost.toString(), Duration.ZERO);
        }
        if (!BatchReader.id(now).equals(batch)) {
            return new Result.Gone();
        }
        JsonNode status = now.path("status");
        long revision = status.path("revision").asLong();
        if (revision == commit.revision()) {
            return new Result.RetryLater(why, Duration.ZERO);
        }
        return revision == commit.revision() + 1 && saysTheSame(status, commit.status())
                ? written(batch, now)
                : new Result.Overtaken(now);
    }

    private static boolean saysTheSame(JsonNode one, JsonNode other) {
        return SAME.stream().allMatch(field -> one.path(field).equals(other.path(field)));
    }

    /** Creates a Task because of this batch. */
    WriteAnswer createTask(BatchId because, String task) {
        return send(new BitSet(), Set.of(), () -> api.create(because.namespace(), task));
    }

    /** Creates another batch because of this one. */
    WriteAnswer createBatch(BatchId because, String batch) {
        return send(new BitSet(), Set.of(), () -> batches.create(because.namespace(), batch));
    }

    /** Writes an annotation. */
    WriteAnswer annotate(BatchId batch, String patch) {
        return send(new BitSet(), Set.of(), () -> batches.patch(batch, patch));
    }

    /** Deletes the batch, under the preconditions that the options have. */
    WriteAnswer delete(BatchId batch, String options) {
        return send(new BitSet(), Set.of(), () -> batches.delete(batch, options));
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
