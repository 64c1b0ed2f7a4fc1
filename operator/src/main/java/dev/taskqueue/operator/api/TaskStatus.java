package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The status of a Task; the operator writes it. */
@Part
public record TaskStatus(
        @JsonPropertyDescription("""
                The metadata.generation that this status is about. Example: 1.""") @Min(0) @Max(9007199254740991L) @Nullable Long observedGeneration,

        @JsonPropertyDescription("""
                Pending (no operator has handled it yet, or it is just being sent), Scheduled (its time has not \
                come), Queued (due, waits for its turn), Dispatching (request in flight), BackingOff (failed, \
                waits for its next attempt), Succeeded or Failed. A state that lasts less than about a \
                second may not be written. Default Pending. Example: BackingOff.""") @Default("Pending") @Nullable TaskState state,

        @JsonPropertyDescription("""
                Conditions by type, at most 16: Accepted (spec and references are in order), Finished (ended in \
                whatever way; wait for this), Succeeded (delivered or not; Unknown until then), Stalled (Failed; \
                nothing more happens by itself). Example: type Finished, status "True".""") @Size(max = 16) @Nullable List<Condition> conditions,

        @JsonPropertyDescription("""
                Attempts sent, over redrives. Example: 3.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer dispatchCount,

        @JsonPropertyDescription("""
                Attempts that got an HTTP answer, whatever its status, over redrives. Example: 2.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer responseCount,

        @JsonPropertyDescription("""
                Attempts that got an HTTP answer outside 500 to 599, over redrives; the header \
                X-CloudTasks-TaskExecutionCount comes from it until the first redrive. Example: 1.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer executionCount,

        @JsonPropertyDescription("""
                The value of the annotation taskqueue.dev/run-now that was acted on last; the same value is never \
                acted on again. Example: "1".""") @Size(max = 262_144) @Nullable String lastHandledRunNow,

        @JsonPropertyDescription("""
                The value of the annotation taskqueue.dev/redrive that was acted on last; the same value is never \
                acted on again. Example: after-fix-1.""") @Size(max = 262_144) @Nullable String lastHandledRedrive,

        @JsonPropertyDescription("""
                The value of the annotation taskqueue.dev/redrive of the queue that started this Task again last; the \
                same value never starts it twice. Example: after-fix-1.""") @Size(max = 262_144) @Nullable String lastHandledQueueRedrive,

        @JsonPropertyDescription("""
                When the next attempt is due, RFC 3339; absent while an attempt is in flight, and once the Task has \
                ended. Example: \
                2026-11-20T08:00:10.230Z.""") @TimeText @Nullable String nextAttemptTime,

        @JsonPropertyDescription("""
                The last attempt that ended. Example: {number: 3, statusCode: 503, reason: Unavailable}.""") @Nullable Attempt lastAttempt,

        @JsonPropertyDescription("""
                The first attempt; written from the second attempt on. Example: {dispatchTime: 2026-11-20T08:00:00.012Z}.""") @Nullable FirstAttempt firstAttempt,

        @JsonPropertyDescription("""
                The last 5 attempts that ended, oldest first; written from the second attempt on. Example: \
                [{number: 1, reason: ConnectionRefused}, {number: 2, statusCode: 503, reason: Unavailable}].""") @Size(max = 5) @Nullable List<Attempt> attempts,

        @JsonPropertyDescription("""
                Counts since the last redrive; absent where there was none. Example: {number: 2, attempts: 1}.""") @Nullable Round round,

        @JsonPropertyDescription("""
                The attempt in flight; written if it lasts longer than about a second or the operator stops. \
                Example: {attempt: 3}.""") @Nullable Claim claim,

        @JsonPropertyDescription("""
                The last request that was sent, or the next one if none was sent yet. Only present if the queue's \
                httpTarget has a part in the request; otherwise the Task's own spec has all of it. Written with \
                the first status of the Task and again with each outcome. Example: {method: POST, url: \
                "http://order-worker.shop.svc:8080/tasks/invoice", fromQueue: [serviceRef]}.""") @Nullable RequestSummary request,

        @JsonPropertyDescription("""
                When the Task ended, RFC 3339; retention counts from here. Example: 2026-11-20T08:00:12Z.""") @TimeText @Nullable String completionTime) {}
