package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The status of a TaskBatch; the operator writes it. Indexes count from 0. */
@Part
public record TaskBatchStatus(
        @JsonPropertyDescription("""
                The metadata.generation that this status is about. Example: 1.""") @Min(0) @Max(9007199254740991L) @Nullable Long observedGeneration,

        @JsonPropertyDescription("""
                Pending (no operator has handled it yet, or it is just being sent), Scheduled (no item is due yet), \
                Running, Finishing (every item has ended; dead letters or the Task of onFinished are being created), \
                Succeeded (every item succeeded) or Failed. A state that lasts less than about two seconds may not be \
                written. Default Pending. Example: Running.""") @Default("Pending") @Nullable BatchState state,

        @JsonPropertyDescription("""
                Conditions by type, at most 16: Accepted (spec and references are in order), Finished (ended in \
                whatever way; wait for this), Succeeded (every item delivered or not; Unknown until then), Stalled \
                (Failed; nothing more happens by itself). Example: type Finished, status "True".""") @Size(max = 16) @Nullable List<Condition> conditions,

        @JsonPropertyDescription("""
                How often the operator wrote outcomes here; each write names the revision it follows. Default 0. \
                Example: 17.""") @Default("0") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer revision,

        @JsonPropertyDescription("""
                Items that have ended, of all items. Example: 431/1000.""") @Size(max = 16) @Nullable String progress,

        @JsonPropertyDescription("""
                The items by what became of them. Example: {total: 1000, succeeded: 428, failed: 3, skipped: 0, \
                backingOff: 12}.""") @Nullable BatchCounts counts,

        @JsonPropertyDescription("""
                The indexes of the items that succeeded, as ranges. Example: 0-41,43-428.""") @Size(max = BatchRules.MAX_RANGES) @Nullable String succeeded,

        @JsonPropertyDescription("""
                The indexes of the items that failed for good, as ranges. Example: 42,90-91.""") @Size(max = BatchRules.MAX_RANGES) @Nullable String failed,

        @JsonPropertyDescription("""
                The indexes of the items that were left unsent because of maxFailed or the annotation \
                taskqueue.dev/cancel, as ranges. Example: 500-999.""") @Size(max = BatchRules.MAX_RANGES) @Nullable String skipped,

        @JsonPropertyDescription("""
                The attempts of items that back off or have failed, by hundreds of indexes; the name is the first index of the hundred. An entry \
                is INDEX:ATTEMPTS/ANSWERS/ANSWERS-OUTSIDE-5XX@FIRST+NEXT!CODE: the first attempt in seconds and the \
                next in milliseconds after startTime, and the status of the last answer (0 is none, 0D none by \
                the deadline); ~N behind it counts the attempts before the last redrive. An item that has failed has INDEX!CODE, the first letter of \
                the reason, and ~ATTEMPTS. Example: {"400": "431:3/2/1@12+61250!503 432!422N~1"}.""") @Size(max = 10) @Nullable Map<String, @Size(max = 4096) String> retries,

        @JsonPropertyDescription("""
                Attempts in flight that last longer than about a second, grouped by the second in which they left; at \
                most 16 groups. Example: [{indexes: 500-507, holder: taskqueue-operator-6d5f-x2k4p}].""") @Size(max = 16) @Nullable List<BatchClaim> claims,

        @JsonPropertyDescription("""
                The first 50 items that failed for good. Example: [{index: 42, attempts: 5, statusCode: 422, reason: \
                NonRetryable}].""") @Size(max = 50) @Nullable List<BatchFailure> failures,

        @JsonPropertyDescription("""
                The failed items by reason and status of the last answer; at most 16 of them, the rest is Other. \
                Example: {NonRetryable/422: 3}.""") @Size(max = 17) @Nullable Map<String, @Min(0) @Max(BatchRules.MAX_ITEMS) Integer> failedByReason,

        @JsonPropertyDescription("""
                The batches that were made of the failed items for the queue's deadLetter. Absent where there are \
                none. Example: {created: 1, open: 90-91}.""") @Nullable BatchDeadLetters deadLetters,

        @JsonPropertyDescription("""
                What the annotation taskqueue.dev/run-now has brought forward; absent where nothing was, and once the \
                batch has ended. Example: {dueTime: 2026-11-20T08:00:10.230Z}.""") @Nullable BatchRunNow runNow,

        @JsonPropertyDescription("""
                Name of the Task that was created for onFinished. Example: invoices-2026-11-done-5f0c6c1e.""") @Size(max = 253) @Nullable String onFinishedTask,

        @JsonPropertyDescription("""
                Which start this is; absent where the batch was not started again. Example: {number: 2, startTime: \
                2026-11-20T09:00:00Z}.""") @Nullable Round round,

        @JsonPropertyDescription("""
                When the first request left, RFC 3339; the times in retries count from here. Example: \
                2026-11-20T08:00:00Z.""") @TimeText @Nullable String startTime,

        @JsonPropertyDescription("""
                When the next attempt of an item is due, RFC 3339; absent while one is due already, while the \
                batch is held, and once it has ended. Example: 2026-11-20T08:00:10.230Z.""") @TimeText @Nullable String nextAttemptTime,

        @JsonPropertyDescription("""
                When the batch ended, RFC 3339; retention counts from here. Example: 2026-11-20T08:00:12Z.""") @TimeText @Nullable String completionTime,

        @JsonPropertyDescription("""
                The value of the annotation taskqueue.dev/run-now that was acted on last; the same value is never \
                acted on again. A long value is noted by its hash. Example: 7,12-14 x1.""") @Size(max = BatchRules.MAX_ACTION) @Nullable String lastHandledRunNow,

        @JsonPropertyDescription("""
                The value of the annotation taskqueue.dev/redrive that was acted on last; the same value is never \
                acted on again. A long value is noted by its hash. Example: after-fix-1.""") @Size(max = BatchRules.MAX_ACTION) @Nullable String lastHandledRedrive,

        @JsonPropertyDescription("""
                The value of the annotation taskqueue.dev/redrive of the queue that started this batch again last; \
                the same value never starts it twice. A long value is noted by its hash. Example: after-fix-1.""") @Size(max = BatchRules.MAX_ACTION) @Nullable String lastHandledQueueRedrive) {}
