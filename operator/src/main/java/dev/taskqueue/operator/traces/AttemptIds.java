package dev.taskqueue.operator.traces;

import dev.taskqueue.operator.domain.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.Objects;

/** Gives a span the ids that its attempt has already. */
final class AttemptIds implements IdGenerator {
    private static final ThreadLocal<TraceContext> ATTEMPT = new ThreadLocal<>();

    /** Starts a span with the ids of this context. */
    Span start(SpanBuilder builder, TraceContext context) {
        ATTEMPT.set(context);
        try {
            return builder.startSpan();
        } finally {
            ATTEMPT.remove();
        }
    }

    @Override
    public String generateSpanId() {
        return attempt().spanId();
    }

    @Override
    public String generateTraceId() {
        return attempt().traceId();
    }

    private TraceContext attempt() {
        return Objects.requireNonNull(ATTEMPT.get(), "a span is started for an attempt only");
    }
}
