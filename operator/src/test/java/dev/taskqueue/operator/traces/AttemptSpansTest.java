package dev.taskqueue.operator.traces;

import static dev.taskqueue.operator.testing.TestingCollector.attributes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.testing.TestCluster;
import dev.taskqueue.operator.testing.TestingAttempts;
import dev.taskqueue.operator.testing.TestingCollector;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Spans as a collector gets them. */
class AttemptSpansTest {
    private static final Instant DISPATCHED = Instant.parse("2026-11-21T09:00:00.5Z");
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    @AutoClose
    private final TestingCollector collector = new TestingCollector();

    @Test
    void anAttemptIsAClientSpanBelowThatOfItsProducerAndLinkedToIt() {
        var context = new TraceContext(TRACE, "00f067aa0ba902b7", "b7ad6b7169203331", true);
        Span span = exported(task("order-1"), Outcome.Answered.of(200), context);
        assertThat(HexFormat.of().formatHex(span.getTraceId().toByteArray())).isEqualTo(TRACE);
        assertThat(HexFormat.of().formatHex(span.getSpanId().toByteArray())).isEqualTo("00f067aa0ba902b7");
        assertThat(HexFormat.of().formatHex(span.getParentSpanId().toByteArray()))
                .isEqualTo("b7ad6b7169203331");
        assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
        assertThat(span.getName()).isEqualTo("deliver orders");
        assertThat(span.getStartTimeUnixNano()).isEqualTo(nanos(DISPATCHED));
        assertThat(span.getEndTimeUnixNano()).isEqualTo(nanos(DISPATCHED.plusMillis(30)));
        assertThat(span.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
        assertThat(attributes(span.getAttributesList()))
                .isEqualTo(Map.of(
                        "taskqueue.namespace", "shop",
                        "taskqueue.queue", "orders",
                        "taskqueue.task", "order-1",
                        "taskqueue.uid", "uid-1",
                        "taskqueue.attempt", "1",
                        "taskqueue.reason", "Delivered",
                        "http.response.status_code", "200"));
        assertThat(span.getLinksList()).singleElement().satisfies(link -> {
            assertThat(HexFormat.of().formatHex(link.getSpanId().toByteArray())).isEqualTo("b7ad6b7169203331");
            assertThat(attributes(link.getAttributesList())).isEqualTo(Map.of("taskqueue.link", "creation"));
        });
        assertThat(attributes(collector
                        .received()
                        .getFirst()
                        .getResourceSpans(0)
                        .getResource()
                        .getAttributesList()))
                .containsEntry("service.name", "taskqueue-operator")
                .containsEntry("service.version", "1.2.3");
    }

    @Test
    void withoutAProducerTheSpanIsTheFirstOfItsTrace() {
        Span span = exported(
                task("order-1"),
                new Outcome.Unanswered(AttemptReason.ConnectionRefused, "Nobody listens."),
                new TraceContext(TRACE, "00f067aa0ba902b7", null, true));
        assertThat(HexFormat.of().formatHex(span.getTraceId().toByteArray())).isEqualTo(TRACE);
        assertThat(span.getParentSpanId()).isEmpty();
        assertThat(span.getLinksList()).isEmpty();
        assertThat(span.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(attributes(span.getAttributesList()))
                .containsEntry("error.type", "ConnectionRefused")
                .doesNotContainKey("http.response.status_code");
    }

    @Test
    void anItemIsNamedByItsBatchAndItsIndex() {
        Span span = exported(
                new ItemId(new BatchId("shop", "invoices", "uid-b"), 7),
                Outcome.Answered.of(500),
                new TraceContext(TRACE, "00f067aa0ba902b7", null, true));
        assertThat(attributes(span.getAttributesList()))
                .containsEntry("taskqueue.batch", "invoices")
                .containsEntry("taskqueue.item", "7")
                .containsEntry("taskqueue.uid", "uid-b");
    }

    @Test
    void whatTheProducerDoesNotSampleHasNoSpan() {
        try (AttemptSpans spans = spans()) {
            send(spans, task("a"), Outcome.Answered.of(200), new TraceContext(TRACE, "00f067aa0ba902b7", null, false));
            send(spans, task("b"), Outcome.Answered.of(200), null);
        }
        assertThat(collector.received()).isEmpty();
    }

    @Test
    void aCollectorThatIsAwayDelaysNothing() {
        collector.close();
        try (AttemptSpans spans = spans()) {
            for (int i = 0; i < 10_000; i++) {
                send(
                        spans,
                        task("a"),
                        Outcome.Answered.of(200),
                        new TraceContext(TRACE, "00f067aa0ba902b7", null, true));
            }
        }
        assertThat(collector.received()).isEmpty();
    }

    private Span exported(DeliveryKey key, Outcome outcome, TraceContext context) {
        try (AttemptSpans spans = spans()) {
            send(spans, key, outcome, context);
            // A close waits for a moment only, which may be over before a slow machine has sent anything.
            Awaitility.await()
                    .atMost(TestCluster.PATIENCE)
                    .until(() -> !collector.spans().isEmpty());
        }
        return collector.spans().getFirst();
    }

    private AttemptSpans spans() {
        return new AttemptSpans(collector.endpoint(), "", "1.2.3", () -> 0);
    }

    private static void send(AttemptSpans spans, DeliveryKey key, Outcome outcome, @Nullable TraceContext context) {
        AttemptContext attempt = TestingAttempts.first(key, new QueueId("shop", "orders"), DISPATCHED);
        spans.attempted(attempt, outcome, Duration.ofMillis(30), () -> context);
    }

    private static TaskId task(String name) {
        return new TaskId("shop", name, "uid-1");
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000 + time.getNano();
    }
}
