package dev.taskqueue.operator.domain;

import org.jspecify.annotations.Nullable;

/**
 * The place of one attempt in a trace, as W3C trace context has it.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits: the attempt
 * @param parentSpanId the span of the producer; null if the producer gave none
 * @param isSampled whether somebody wants the spans of this trace
 */
public record TraceContext(
        String traceId, String spanId, @Nullable String parentSpanId, boolean isSampled) {
    /** The value of the header {@code traceparent}. */
    public String header() {
        return "00-" + traceId + "-" + spanId + (isSampled ? "-01" : "-00");
    }
}
