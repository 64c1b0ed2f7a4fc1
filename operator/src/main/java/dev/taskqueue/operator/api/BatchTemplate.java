package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What the items of a TaskBatch have in common. */
@Part
public record BatchTemplate(
        @JsonPropertyDescription("""
                How long the handler may take to answer each request, connecting included; after it the attempt has \
                failed (DeadlineExceeded) and its request is aborted. A duration of at least 1s; above the operator's \
                maximum (30m unless configured) the batch waits with reason LimitExceeded. Default: the queue's \
                dispatchDeadline. Example: 120s.""")
        @DurationText
        @ValidationRule(value = Rules.AT_LEAST_A_SECOND, message = "dispatchDeadline is at least 1s; write 1s or more")
        @Nullable String dispatchDeadline,

        @JsonPropertyDescription("""
                The request that is sent for each item, with the fields of a Task's httpRequest. What it leaves out \
                comes from the queue's httpTarget. An answer of 200 to 299 is success; everything else is a failed \
                attempt. Default: POST / to the queue's target, without a body. Example: {serviceRef: {name: \
                order-worker}, path: /invoice}.""") @Nullable HttpRequest httpRequest) {}
