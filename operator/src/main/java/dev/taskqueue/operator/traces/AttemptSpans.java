package dev.taskqueue.operator.traces;

import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.engine.Listener;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Makes a client span of each attempt that has ended, and sends it to a collector by OTLP over HTTP. The ids are those that the handler got in {@code
 * traceparent}. A span names the Task, its queue and the outcome, and nothing of the request or of the answer but the status code. Spans wait in
 * a bounded queue and are sent by a thread of the library; what does not fit is dropped.
 */
public final class AttemptSpans implements Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptSpans.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final long LAST_SECONDS = 2;

    private static final AttributeKey<String> NAMESPACE = AttributeKey.stringKey("taskqueue.namespace");
    private static final AttributeKey<String> QUEUE = AttributeKey.stringKey("taskqueue.queue");
    private static final AttributeKey<String> TASK = AttributeKey.stringKey("taskqueue.task");
    private static final AttributeKey<String> BATCH = AttributeKey.stringKey("taskqueue.batch");
    private static final AttributeKey<Long> ITEM = AttributeKey.longKey("taskqueue.item");
    private static final AttributeKey<String> UID = AttributeKey.stringKey("taskqueue.uid");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("taskqueue.attempt");
    private static final AttributeKey<String> REASON = AttributeKey.stringKey("taskqueue.reason");
    private static final AttributeKey<Long> CODE = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final Attributes CREATION = Attributes.of(AttributeKey.stringKey("taskqueue.link"), "creation");

    private final AttemptIds ids = new AttemptIds();
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /**
     * Makes spans from now on.
     *
     * @param endpoint the URL that takes traces
     * @param folder with the files {@code headers} and {@code ca.crt} for it; empty = it asks for neither
     * @param nanos the monotonic clock
     */
    public AttemptSpans(String endpoint, String folder, String version, LongSupplier nanos) {
        // The library logs by java.util.logging.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        OtlpHttpSpanExporter exporter = exporter(endpoint, new CollectorCredentials(folder));
        var service = Attributes.of(
                AttributeKey.stringKey("service.name"),
                "taskqueue-operator",
                AttributeKey.stringKey("service.version"),
                version);
        provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(service)))
                .setSampler(Sampler.alwaysOn())
                .setIdGenerator(ids)
                .addSpanProcessor(BatchSpanProcessor.builder(new ReportedExporter(exporter, endpoint, nanos))
                        .build())
                .build();
        tracer = provider.get("dev.taskqueue.operator", version);
    }

    private static OtlpHttpSpanExporter exporter(String endpoint, CollectorCredentials credentials) {
        OtlpHttpSpanExporterBuilder builder =
                OtlpHttpSpanExporter.builder().setEndpoint(endpoint).setTimeout(TIMEOUT);
        builder.setHeaders(credentials::headers);
        byte[] authority = credentials.authority();
        if (authority != null) {
            try {
                return builder.setTrustedCertificates(authority).build();
            } catch (IllegalStateException notPem) {
                LOG.warn(
                        "ca.crt of the traces' folder has no certificates in PEM, so the collector is judged by those of the JVM");
            }
        }
        return builder.build();
    }

    @Override
    public void attempted(
            AttemptContext attempt, Outcome outcome, Duration took, Supplier<@Nullable TraceContext> trace) {
        TraceContext context = trace.get();
        if (context == null || !context.isSampled()) {
            return;
        }
        Span span = ids.start(builder(attempt, context), context);
        name(span, attempt);
        span.setAttribute(REASON, outcome.reason().name());
        if (outcome instanceof Outcome.Answered answered) {
            span.setAttribute(CODE, (long) answered.statusCode());
        }
        if (!outcome.isSuccess()) {
            span.setAttribute(ERROR, outcome.reason().name());
            span.setStatus(StatusCode.ERROR);
        }
        span.end(attempt.dispatchedAt().plus(took));
    }

    private SpanBuilder builder(AttemptContext attempt, TraceContext context) {
        SpanBuilder builder = tracer.spanBuilder("deliver " + attempt.queue().name())
                .setSpanKind(SpanKind.CLIENT)
                .setStartTimestamp(attempt.dispatchedAt());
        String parent = context.parentSpanId();
        if (parent == null) {
            return builder.setNoParent();
        }
        SpanContext producer = SpanContext.createFromRemoteParent(
                context.traceId(), parent, TraceFlags.getSampled(), TraceState.getDefault());
        return builder.setParent(Context.root().with(Span.wrap(producer))).addLink(producer, CREATION);
    }

    private static void name(Span span, AttemptContext attempt) {
        span.setAttribute(NAMESPACE, attempt.queue().namespace());
        span.setAttribute(QUEUE, attempt.queue().name());
        DeliveryKey key = attempt.key();
        switch (key) {
            case TaskId task -> {
                span.setAttribute(TASK, task.name());
                span.setAttribute(UID, task.uid());
            }
            case ItemId item -> {
                span.setAttribute(BATCH, item.batch().name());
                span.setAttribute(ITEM, (long) item.index());
                span.setAttribute(UID, item.batch().uid());
            }
        }
        span.setAttribute(ATTEMPT, (long) attempt.number());
    }

    /** Sends what waits, for a moment at most. */
    @Override
    public void close() {
        provider.shutdown().join(LAST_SECONDS, TimeUnit.SECONDS);
    }
}
