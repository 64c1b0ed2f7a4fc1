package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The Task that reports the end of a TaskBatch. */
@Part
public record OnFinished(
        @JsonPropertyDescription("""
                At which end the Task is created: Always, Succeeded (every item succeeded) or Failed (an item failed \
                or was skipped). It is never created before every item has ended, and after a redrive it is created \
                again. Default: Always. Example: Failed.""") @Nullable When when,

        @JsonPropertyDescription("""
                The TaskQueue of that Task, in the same namespace. Default: the batch's. Example: {name: reports}.""") @Nullable QueueRef queueRef,

        @JsonPropertyDescription("""
                How long the handler of that Task may take to answer; after it the attempt has failed. A duration of \
                at least 1s. Default: the dispatchDeadline of that Task's queue. Example: 60s.""")
        @DurationText
        @ValidationRule(value = Rules.AT_LEAST_A_SECOND, message = "dispatchDeadline is at least 1s; write 1s or more")
        @Nullable String dispatchDeadline,

        @JsonPropertyDescription("""
                The request of that Task, with the fields of a Task's httpRequest. Without a body it gets a summary \
                as JSON: batch, namespace, uid, round, state, reason, total, succeeded, failed, skipped, \
                failedIndexes, failures, startTime and completionTime. Default: POST / to the queue's target with the \
                summary. Example: {serviceRef: {name: reports}, path: /invoices-done}.""") @Nullable HttpRequest httpRequest) {

    /** At which end of the batch the Task is created. */
    public enum When {
        Always,
        Succeeded,
        Failed
    }
}
