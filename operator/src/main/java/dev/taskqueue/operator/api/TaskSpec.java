package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The spec of a Task; it never changes. */
@Part
@ValidationRule(value = "self == oldSelf", message = Rules.IMMUTABLE_MESSAGE)
@ValidationRule(value = "!(has(self.delay) && has(self.scheduleTime))", message = "set delay or scheduleTime, not both")
@ValidationRule(value = Rules.EXPIRES_IN_ORDER, message = Rules.EXPIRES_IN_ORDER_MESSAGE)
public record TaskSpec(
        @JsonPropertyDescription("""
                The TaskQueue that sends this Task, in the same namespace. Required. While there is no such queue \
                the Task waits with Accepted=False, reason QueueNotFound. Example: {name: order-tasks}.""") @Required @Nullable QueueRef queueRef,

        @JsonPropertyDescription("""
                When the Task is due, RFC 3339; it is never sent earlier. A time in the past means now. At most 30 \
                days ahead unless the operator allows another span, else it waits with reason LimitExceeded. Not \
                together with delay. Default: now. Example: 2026-11-21T09:00:00Z.""") @SpecTimeText @Nullable String scheduleTime,

        @JsonPropertyDescription("""
                When the Task is due, counted from its creation: a duration, at most 30 days unless the operator \
                allows another span, else it waits with reason LimitExceeded. Not together with scheduleTime. \
                Default: now. Example: 30s.""") @DurationText @Nullable String delay,

        @JsonPropertyDescription("""
                After this time no attempt starts, and the Task is Failed, reason Expired; RFC 3339, not before \
                scheduleTime. An attempt in flight may finish. Default: none, the queue's retention.unfinished alone counts. Example: \
                2026-11-22T00:00:00Z.""") @SpecTimeText @Nullable String expireTime,

        @JsonPropertyDescription("""
                How long the handler may take to answer, connecting included; after it the attempt has failed \
                (DeadlineExceeded) and its request is aborted. A duration of at least 1s; above the operator's \
                maximum (30m unless configured) the Task waits with reason LimitExceeded. Default: the queue's \
                dispatchDeadline. Example: 120s.""")
        @DurationText
        @ValidationRule(value = Rules.AT_LEAST_A_SECOND, message = "dispatchDeadline is at least 1s; write 1s or more")
        @Nullable String dispatchDeadline,

        @JsonPropertyDescription("""
                How long this Task stays after its end, instead of the queue's retention.succeeded or \
                retention.failed; its name is taken for the same time. A duration up to 8760h (a year); 0s deletes \
                it at its end. A Task that kubectl apply or a GitOps tool created is deleted only if it sets this. \
                Default: the queue's. Example: 2h.""")
        @DurationText
        @ValidationRule(
                value = Rules.AT_MOST_A_YEAR,
                message = "ttlAfterFinished is at most 8760h; write a shorter one")
        @Nullable String ttlAfterFinished,

        @JsonPropertyDescription("""
                The request that is sent. What it leaves out comes from the queue's httpTarget. An answer of 200 \
                to 299 is success; everything else is a failed attempt. Default: POST / to the queue's target, \
                without a body. Example: {serviceRef: {name: order-worker}, path: /tasks/invoice}.""") @Nullable HttpRequest httpRequest,

        @JsonPropertyDescription("""
                Set by the operator where this Task is a dead letter: which Task failed, where and why. The \
                handler gets it as TaskQueue-DeadLetter-* headers. Whoever may create Tasks can set it, so \
                handlers must not trust it. A Task that has it leaves no dead letter itself. Default: none. \
                Example: {queue: order-tasks, task: order-4711-invoice}.""") @Nullable DeadLetterOf deadLetterOf) {}
