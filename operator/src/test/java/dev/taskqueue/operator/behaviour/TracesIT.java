package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import dev.taskqueue.operator.testing.TestingCollector;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A span of each attempt, between the producer and the handler. */
class TracesIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PRODUCER = "b7ad6b7169203331";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @AutoClose
    private final TestingCollector collector = new TestingCollector();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void theSpanOfAnAttemptLiesBetweenThoseOfProducerAndHandler() {
        cluster.queue("orders", "{retry: {minBackoff: 100ms}}");
        cluster.operator("TRACES_ENDPOINT=" + collector.endpoint());
        worker.codes(500, 200);
        cluster.task(
                "a", task("headers: {traceparent: 00-%s-%s-01, tracestate: 'vendor=1'}".formatted(TRACE, PRODUCER)));
        cluster.awaitState("a", "Succeeded");
        await().until(() -> collector.spans().size() == 2);
        List<String> handlers = worker.received("a").stream()
                .map(request -> request.header("traceparent"))
                .toList();
        assertThat(collector.spans())
                .allSatisfy(span -> assertThat(hex(span.getTraceId())).isEqualTo(TRACE))
                .allSatisfy(span -> assertThat(hex(span.getParentSpanId())).isEqualTo(PRODUCER))
                .allSatisfy(span -> assertThat(handlers).contains("00-" + TRACE + "-" + hex(span.getSpanId()) + "-01"));
        assertThat(collector.spans()).extracting(TracesIT::code).containsExactlyInAnyOrder("500", "200");
        assertThat(worker.received("a").getFirst().header("tracestate")).isEqualTo("vendor=1");
    }

    @Test
    void withoutTheSettingNothingOfTheLibraryThatMakesSpansIsLoaded(@TempDir Path folder) throws IOException {
        cluster.queue("orders", "{}");
        Path classes = folder.resolve("classes");
        OperatorProcess operator = cluster.process(Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + classes));
        cluster.task("a", task("headers: {traceparent: 00-%s-%s-01}".formatted(TRACE, PRODUCER)));
        cluster.awaitState("a", "Succeeded");
        assertThat(operator.metrics()).contains("taskqueue_attempts_total");
        assertThat(worker.received("a").getFirst().header("traceparent"))
                .isEqualTo("00-" + TRACE + "-" + PRODUCER + "-01");
        operator.terminate();
        operator.exitCode();
        assertThat(Files.readAllLines(classes))
                .anyMatch(line -> line.contains("dev.taskqueue.operator.dispatch.DeliveryHeaders"))
                .noneMatch(line -> line.contains("io.opentelemetry.sdk") || line.contains("io.opentelemetry.exporter"));
    }

    private static String task(String more) {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, " + more + "}}";
    }

    private static String code(Span span) {
        return TestingCollector.attributes(span.getAttributesList()).getOrDefault("http.response.status_code", "");
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
