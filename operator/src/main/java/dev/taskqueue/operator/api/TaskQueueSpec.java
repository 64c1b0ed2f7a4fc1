package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The spec of a TaskQueue. */
@Part
public record TaskQueueSpec(
        @JsonPropertyDescription("""
                Running (default): Tasks are dispatched as they are due. Paused: none is dispatched, new ones are \
                accepted and wait, attempts in flight finish. To pause a queue so that a deploy does not undo it, \
                use the annotation taskqueue.dev/hold. Example: Paused.""") @Default("Running") @Nullable RunState state,

        @JsonPropertyDescription("""
                How fast Tasks are dispatched, and how many at a time. Default: 500 a second, 1000 at a time. \
                Example: {maxDispatchesPerSecond: 25, maxConcurrentDispatches: 10}.""") @Default("{}") @Nullable RateLimits rateLimits,

        @JsonPropertyDescription("""
                When failed attempts are repeated and when a Task fails for good. Default: 100 attempts, 100ms to \
                1h apart. A change counts from the next failure on. Example: {maxAttempts: 5, minBackoff: 10s, \
                maxBackoff: 300s}.""") @Default("{}") @Nullable Retry retry,

        @JsonPropertyDescription("""
                Defaults for the request of every Task of this queue, or with mode Always what each gets whatever \
                it says. Same shape as a Task's httpRequest, without a body. Default: none. Example: {serviceRef: \
                {name: order-worker, port: http}}.""") @Nullable HttpTarget httpTarget,

        @JsonPropertyDescription("""
                How long a handler may take to answer, for Tasks that name no dispatchDeadline themselves; after \
                it the attempt has failed (DeadlineExceeded). A duration of at least 1s; where it is above the \
                operator's maximum (30m unless configured), Tasks wait with reason LimitExceeded. Default 10m. \
                Example: 30s.""")
        @Default("10m")
        @DurationText
        @ValidationRule(value = Rules.AT_LEAST_A_SECOND, message = "dispatchDeadline is at least 1s; write 1s or more")
        @Nullable String dispatchDeadline,

        @JsonPropertyDescription("""
                Which headers of other products handlers get besides our own, so that they run unchanged: \
                CloudTasks (X-CloudTasks-*), AppEngine (X-AppEngine-*), or None alone. Default [CloudTasks]. \
                Example: [CloudTasks, AppEngine].""")
        @Default("[\"CloudTasks\"]")
        @Size(min = 1, max = 2) @ValidationRule(
                value = "!('None' in self) || size(self) == 1",
                message = "None stands alone: remove None, or the other families")
        @Nullable List<HeaderFamily> headerFamilies,

        @JsonPropertyDescription("""
                None (default): no answer of a handler is kept. Failures: status keeps the beginning of the body of \
                each failed answer, if the body is text: at most 1024 characters, control characters escaped, in \
                lastAttempt.responseSnippet and in attempts. Everybody who may read the Task sees it. A change \
                counts from the next attempt on. Example: Failures.""") @Default("None") @Nullable RecordResponse recordResponse,

        @JsonPropertyDescription("""
                Adaptive (default): where many answers are 429, 503 or other 5xx, the whole queue slows down and \
                speeds up again as they stop; status.stats.enforcedDispatchesPerSecond shows the rate in force. \
                Disabled: only the Task that got the answer waits. Example: Disabled.""") @Default("Adaptive") @Nullable Throttling throttling,

        @JsonPropertyDescription("""
                How long Tasks stay after their end, and how long they may take until their end. Default: 1h if \
                they Succeeded, 168h if they Failed, 744h until the end. Example: {succeeded: 10m, failed: 720h}.""") @Default("{}") @Nullable Retention retention,

        @JsonPropertyDescription("""
                The queue for dead letters: each Task that fails for good is also created as a Task of that queue. \
                Default: none; a Failed Task stays for retention.failed and can be started again (annotation \
                taskqueue.dev/redrive). Example: {queueRef: {name: orders-failed}}.""") @Nullable DeadLetter deadLetter,

        @JsonPropertyDescription("""
                Deletes every unfinished Task of this queue that was created before this time, once; finished ones \
                stay, and status.purge shows the progress. A time in RFC 3339, cut to whole seconds like a Task's \
                creationTimestamp; a time in the future counts as the moment it was first seen. A request in \
                flight is not aborted. The same time again does nothing; another time purges again. If the time \
                is removed during the purge, the Tasks that are not deleted yet wait for their turn again; if the \
                same time is set again, the purge goes on. Default: no purge. This cannot be undone. Example: \
                2026-11-20T00:00:00Z.""") @SpecTimeText @Nullable String purgeBefore) {}
