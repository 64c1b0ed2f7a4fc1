package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Tasks for tests of the mapping, and the rules by which they are mapped. */
final class MappedTasks {
    static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    static final QueueName QUEUE = QueueName.parse("projects/demo/locations/us-central1/queues/orders", "parent");
    static final QueueSnapshot PLAIN = new QueueSnapshot("orders", "orders", false, false, null);
    static final QueueSnapshot APP_ENGINE = new QueueSnapshot("orders", "orders", true, false, null);
    static final MappingRules RULES = ((MappingReader.Reading.Valid) MappingReader.read("""
                    namespaces: [{project: demo, location: "*", namespace: shop}]
                    appEngine: [{namespace: shop, service: worker, version: v2, serviceRef: {name: worker-v2, port: http}}]
                    oidc: [{namespace: shop, email: sa@demo.iam.gserviceaccount.com, serviceAccount: task-dispatcher}]
                    """)).rules();

    private MappedTasks() {}

    static ObjectNode write(Task task, QueueSnapshot queue) {
        return new TaskObjectWriter(
                        RULES, new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)), (n, s) -> false, n -> {})
                .write(task, queue, "shop", "key_1", "request-1", NOW);
    }

    static ObjectNode http(Consumer<HttpRequest.Builder> change) {
        var http = HttpRequest.newBuilder().setUrl("http://order-worker/a?b=c");
        change.accept(http);
        return write(Task.newBuilder().setHttpRequest(http).build(), PLAIN);
    }

    static JsonNode spec(ObjectNode object) {
        return object.at("/spec/httpRequest");
    }

    static void refused(Code code, String message, Runnable work) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(work::run)
                .withMessageContaining(message)
                .extracting(RpcFailure::code)
                .isEqualTo(code);
    }
}
