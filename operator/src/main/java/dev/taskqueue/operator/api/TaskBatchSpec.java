package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spec of a TaskBatch; it never changes. The API server runs every rule of it also with each write of the status. So the many deliveries of a
 * program are one string that no rule looks into.
 */
@Part
@ValidationRule(value = "self == oldSelf", message = BatchRules.IMMUTABLE_MESSAGE)
@ValidationRule(value = BatchRules.ONE_LIST, message = BatchRules.ONE_LIST_MESSAGE)
@ValidationRule(value = "!(has(self.delay) && has(self.scheduleTime))", message = "set delay or scheduleTime, not both")
@ValidationRule(value = Rules.EXPIRES_IN_ORDER, message = BatchRules.EXPIRES_IN_ORDER_MESSAGE)
@ValidationRule(value = BatchRules.ITEM_BODIES, message = BatchRules.ITEM_BODIES_MESSAGE)
@ValidationRule(value = BatchRules.ITEM_AUTHORIZATION, message = BatchRules.ITEM_AUTHORIZATION_MESSAGE)
@ValidationRule(value = BatchRules.ITEM_SECRET_HEADERS, message = BatchRules.ITEM_SECRET_HEADERS_MESSAGE)
public record TaskBatchSpec(
        @JsonPropertyDescription("""
                The TaskQueue that sends the items, in the same namespace. Required. While there is no such queue \
                the batch waits with Accepted=False, reason QueueNotFound. Example: {name: order-tasks}.""") @Required @Nullable QueueRef queueRef,

        @JsonPropertyDescription("""
                When the items are due that name no time themselves, RFC 3339; they are never sent earlier. A time \
                in the past means now. At most 30 days ahead unless the operator allows another span, else the batch \
                waits with reason LimitExceeded. Not together with delay. Default: now. Example: \
                2026-11-21T09:00:00Z.""") @SpecTimeText @Nullable String scheduleTime,

        @JsonPropertyDescription("""
                When the items are due that name no time themselves, counted from the creation of the batch: a \
                duration, at most 30 days unless the operator allows another span, else the batch waits with reason \
                LimitExceeded. Not together with scheduleTime. Default: now. Example: 30s.""") @DurationText @Nullable String delay,

        @JsonPropertyDescription("""
                After this time no attempt starts, and the items that were not delivered have failed, reason \
                Expired; RFC 3339, not before scheduleTime. An attempt in flight may finish. Default: none, the \
                queue's retention.unfinished alone counts. Example: 2026-11-22T00:00:00Z.""") @SpecTimeText @Nullable String expireTime,

        @JsonPropertyDescription("""
                How long this batch stays after its end, instead of the queue's retention.succeeded or \
                retention.failed; its name is taken for the same time. A duration up to 8760h (a year); 0s deletes \
                it at its end. A batch that kubectl apply or a GitOps tool created is deleted only if it sets this. \
                Default: the queue's. Example: 2h.""")
        @DurationText
        @ValidationRule(
                value = Rules.AT_MOST_A_YEAR,
                message = "ttlAfterFinished is at most 8760h; write a shorter one")
        @Nullable String ttlAfterFinished,

        @JsonPropertyDescription("""
                How many items may fail for good. When more have failed, nothing further leaves: the rest is \
                skipped, and the batch is Failed with reason TooManyFailed. 0 to 1000; 0 stops at the first failure. \
                Default: no limit, every item is sent. Example: 10.""") @Min(0) @Max(BatchRules.MAX_ITEMS) @Nullable Integer maxFailed,

        @JsonPropertyDescription("""
                What all items have in common. An item replaces parts of it. Default: POST / to the queue's target, \
                without a body. Example: {httpRequest: {serviceRef: {name: order-worker}, path: /invoice}}.""") @Nullable BatchTemplate template,

        @JsonPropertyDescription("""
                The items as JSON Lines: one JSON object a line, at most 1000, together 2 to 786432 characters; empty \
                lines do not count. The form for programs. A line has the fields of items, with two differences: \
                body may be any JSON value and have 65536 characters; text is sent as it is, everything else as it \
                stands in the line, with the header Content-Type: application/json unless one is set. The \
                operator reads the lines: one with a mistake or an unknown field, or a key that stands twice, ends \
                the batch before anything is sent, Failed with reason InvalidSpec. Exactly one of lines, items and \
                count. Example: '{"path": "/invoice/1", "body": {"orderId": 1}}'.""") @Size(min = 2, max = 786_432) @Nullable String lines,

        @JsonPropertyDescription("""
                The items as a list, 1 to 100; the form for manifests that people write. Exactly one of lines, items \
                and count. Example: [{path: /invoice/1, body: '{"orderId":1}'}].""") @Size(min = 1, max = 100) @Nullable List<BatchItem> items,

        @JsonPropertyDescription("""
                So many items that are all like the template, 1 to 1000; the handler tells them apart by the header \
                TaskQueue-Batch-Index. Exactly one of lines, items and count. Example: 1000.""") @Min(1) @Max(BatchRules.MAX_ITEMS) @Nullable Integer count,

        @JsonPropertyDescription("""
                One Task that is created when every item has ended, however it ended. Default: none. Example: {when: \
                Always, httpRequest: {serviceRef: {name: reports}, path: /invoices-done}}.""") @Nullable OnFinished onFinished) {}
