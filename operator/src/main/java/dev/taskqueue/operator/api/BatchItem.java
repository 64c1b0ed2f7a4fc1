package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One delivery of a TaskBatch, as a person writes it. What it leaves out comes from the template. */
@Part
@ValidationRule(value = "!(has(self.delay) && has(self.scheduleTime))", message = "set delay or scheduleTime, not both")
@ValidationRule(value = "!(has(self.body) && has(self.bodyBase64))", message = "set body or bodyBase64, not both")
@ValidationRule(value = Rules.BASE64, message = Rules.BASE64_MESSAGE, fieldPath = ".bodyBase64")
public record BatchItem(
        @JsonPropertyDescription("""
                The producer's own name for the item; sent in the TaskName headers. 1 to 200 letters, digits, "-" and \
                "_", each key once in the batch. Default: the batch's name, "-" and the item's index. Example: \
                o-4711.""") @Size(min = 1, max = 200) @Pattern("^[A-Za-z0-9_-]+$") @Nullable String key,

        @JsonPropertyDescription("""
                Path and query of the request, instead of the template's; 1 to 2083 characters. It begins with "/"; \
                spaces and other than ASCII characters must be percent-encoded. Default: the template's. Example: \
                /invoice/4711.""")
        @Size(min = 1, max = 2083) @ValidationRule(value = Rules.PATH, message = Rules.PATH_MESSAGE)
        @Nullable String path,

        @JsonPropertyDescription("""
                Request headers, name to value; each replaces the template's header of that name. At most 16, each \
                value at most 4096 printable ASCII characters, spaces and tabs. The same names are refused as in the \
                template's headers, and names that its secretHeaders have. Default: the template's. Example: \
                {X-Customer: "4711"}.""")
        @Size(max = 16) @ValidationRule(value = Rules.HEADERS_NAMES, message = Rules.HEADER_NAME_MESSAGE)
        @ValidationRule(value = Rules.HEADERS_FREE, message = Rules.HEADER_FREE_MESSAGE)
        @ValidationRule(value = Rules.HEADERS_VALUES, message = Rules.HEADERS_VALUES_MESSAGE)
        @ValidationRule(value = Rules.HEADERS_TWICE, message = Rules.HEADERS_TWICE_MESSAGE)
        @Nullable Map<String, @Size(max = 4096) String> headers,

        @JsonPropertyDescription("""
                The request's body as text, instead of the template's, sent as UTF-8; at most 16384 characters. At \
                most one of body and bodyBase64, and only with POST, PUT and PATCH. Default: the template's. Example: \
                '{"orderId":"4711"}'.""") @Size(max = 16_384) @Nullable String body,

        @JsonPropertyDescription("""
                The request's body in base64 (standard alphabet, padded, no line breaks), instead of the template's; \
                at most 21848 characters, which are 16 KiB decoded. At most one of body and bodyBase64, and only with \
                POST, PUT and PATCH. Default: the template's. Example: eyJvcmRlcklkIjoiNDcxMSJ9.""") @Size(max = 21_848) @Nullable String bodyBase64,

        @JsonPropertyDescription("""
                When the item is due, RFC 3339, instead of the batch's time. Not together with delay. Default: the \
                batch's scheduleTime or delay. Example: 2026-11-21T09:00:00Z.""") @SpecTimeText @Nullable String scheduleTime,

        @JsonPropertyDescription("""
                When the item is due, counted from the creation of the batch: a duration, instead of the batch's \
                time. Not together with scheduleTime. Default: the batch's scheduleTime or delay. Example: 30s.""") @DurationText @Nullable String delay,

        @JsonPropertyDescription("""
                Set by the operator where this item is a dead letter: which item of which batch failed, where and \
                why. The handler gets it as TaskQueue-DeadLetter-* headers. Whoever may create batches can set it, so \
                handlers must not trust it. An item that has it leaves no dead letter itself. Default: none. Example: \
                {queue: order-tasks, task: invoices-2026-11, index: 42}.""") @Nullable DeadLetterOf deadLetterOf) {

    /** Without its contents: headers and body may be private, and what is printed ends in logs. */
    @Override
    public String toString() {
        return "BatchItem[...]";
    }
}
