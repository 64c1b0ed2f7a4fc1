package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which request the operator builds from a Task's {@code httpRequest} and its queue's {@code httpTarget}. */
class RequestIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("plain", "{}");
        cluster.operator();
    }

    @Test
    void methodPathAndQueryArriveAsWritten() {
        var methods = List.of("POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS");
        methods.forEach(method -> deliver(
                method.toLowerCase(java.util.Locale.ROOT),
                "method: %s, path: '/a%%20b/%%2F?x=1&y=%%26&z'".formatted(method)));
        assertThat(worker.received())
                .extracting(Received::line)
                .containsExactlyElementsOf(methods.stream()
                        .map(method -> method + " /a%20b/%2F?x=1&y=%26&z HTTP/1.1")
                        .toList());
    }

    @Test
    void onlyMethodsThatTakeABodyHaveOne() {
        for (String method : List.of("GET", "HEAD", "DELETE", "OPTIONS")) {
            Received request = deliver("none-" + method.toLowerCase(java.util.Locale.ROOT), "method: " + method);
            assertThat(request.headers()).doesNotContainKeys("Content-Length", "Transfer-Encoding");
        }
        assertThat(deliver("empty-post", "method: POST").header("Content-Length"))
                .isEqualTo("0");
    }

    @Test
    void aBodyIsLeftOutWhereTheQueueTurnsTheMethodIntoOneWithout() {
        cluster.queue("gets", "{httpTarget: {mode: Always, method: GET}}");
        Received request = deliver("gets", "a", "body: hello");
        assertThat(request.line()).isEqualTo("GET / HTTP/1.1");
        assertThat(request.headers()).doesNotContainKey("Content-Length");
        assertThat(request.body()).isEmpty();
    }

    @Test
    void aPortIsFoundByNameOrNumberOrLeftOutWhereThereIsOne() {
        RecordingWorker other = cluster.workerAt(worker.address(), 0);
        RecordingWorker both = cluster.worker();
        RecordingWorker second = cluster.workerAt(both.address(), 0);
        cluster.service(
                "two",
                both.address(),
                "[{name: http, port: %d}, {name: admin, port: %d}]".formatted(both.port(), second.port()));
        cluster.endpoint("two", true, "[{name: http, port: 8080}, {name: admin, port: 8081}]");
        deliver("plain", "by-name", "{name: two, port: admin}", "", second);
        deliver("plain", "by-number", "{name: two, port: %d}".formatted(both.port()), "", both);
        deliver("plain", "by-text", "{name: two, port: '%d'}".formatted(second.port()), "", second);
        deliver("plain", "only-one", "{name: worker}", "", worker);
        assertThat(second.tasks()).containsExactly("by-name", "by-text");
        assertThat(both.tasks()).containsExactly("by-number");
        assertThat(other.received()).isEmpty();
        assertThat(second.received().getFirst().header("Host")).isEqualTo("two." + cluster.namespace() + ".svc");
    }

    @Test
    void theSchemeIsThatOfThePortUnlessTheTaskNamesOne() {
        RecordingWorker secure = cluster.worker();
        cluster.service("secure", secure.address(), "[{port: %d, appProtocol: https}]".formatted(secure.port()));
        cluster.endpoint("secure", true, "[{name: '', port: 8443}]");
        cluster.task("of-port", "{queueRef: {name: plain}, httpRequest: {serviceRef: {name: secure}}}");
        // The worker speaks plain HTTP, so it reads the handshake as a request line.
        cluster.await(
                "of-port", status -> status.at("/lastAttempt/reason").asText().equals("TLSFailed"), "refused by TLS");
        deliver("plain", "of-task", "{name: secure}", "scheme: HTTP", secure);
        cluster.task("https", "{queueRef: {name: plain}, httpRequest: {scheme: HTTPS, serviceRef: {name: worker}}}");
        cluster.await(
                "https", status -> status.at("/lastAttempt/reason").asText().equals("TLSFailed"), "refused by TLS");
    }

    @Test
    void theQueuesTargetFillsInWhatTheTaskLeavesOut() {
        cluster.queue(
                "defaults",
                "{httpTarget: {serviceRef: {name: worker}, path: /of-queue, method: PUT, headers: {X-Queue: q, X-Both: q}}}");
        cluster.task("nothing", "{queueRef: {name: defaults}, httpRequest: {}}");
        cluster.awaitState("nothing", "Succeeded");
        Received bare = worker.received("nothing").getFirst();
        assertThat(bare.line()).isEqualTo("PUT /of-queue HTTP/1.1");
        assertThat(bare.header("X-Both")).isEqualTo("q");
        Received own = deliver("defaults", "own", "path: /own, method: PATCH, headers: {x-both: t, X-Task: t}");
        assertThat(own.line()).isEqualTo("PATCH /own HTTP/1.1");
        assertThat(own.headers())
                .containsEntry("X-Queue", "q")
                .containsEntry("X-Both", "t")
                .containsEntry("X-Task", "t");
    }

    @Test
    void theQueuesTargetWinsWithModeAlways() {
        RecordingWorker ofQueue = cluster.worker("of-queue");
        cluster.queue(
                "always", "{httpTarget: {mode: Always, serviceRef: {name: of-queue}, path: /q, headers: {X-Both: q}}}");
        deliver("always", "a", "{name: worker}", "path: /t, headers: {X-Both: t, X-Task: t}", ofQueue);
        Received request = ofQueue.received().getFirst();
        assertThat(request.line()).isEqualTo("POST /q HTTP/1.1");
        assertThat(request.headers()).containsEntry("X-Both", "q").containsEntry("X-Task", "t");
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void headerFamiliesAreAsTheQueueSays() {
        cluster.queue("both", "{headerFamilies: [CloudTasks, AppEngine]}");
        cluster.queue("none", "{headerFamilies: [None]}");
        assertThat(deliver("both", "both", "").headers())
                .containsEntry("X-CloudTasks-TaskName", "both")
                .containsEntry("X-AppEngine-TaskName", "both")
                .containsEntry("X-AppEngine-QueueName", "both")
                .containsEntry("X-AppEngine-TaskRetryCount", "0");
        cluster.task("none", "{queueRef: {name: none}, httpRequest: {serviceRef: {name: worker}}}");
        cluster.awaitState("none", "Succeeded");
        Received last = worker.received().getLast();
        assertThat(last.headers().keySet()).noneMatch(name -> name.startsWith("X-"));
        assertThat(last.header("TaskQueue-Attempt")).isEqualTo("1");
    }

    @Test
    void theProducersOwnNameIsShownAndItsIdempotencyKeyWins() {
        cluster.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: order-4711, annotations: {taskqueue.dev/key: Order_4711}}
                spec: {queueRef: {name: plain}, httpRequest: {serviceRef: {name: worker}, headers: {idempotency-key: mine}}}
                """);
        cluster.awaitState("order-4711", "Succeeded");
        assertThat(worker.received().getFirst().headers())
                .containsEntry("X-CloudTasks-TaskName", "Order_4711")
                .containsEntry("Idempotency-Key", "mine");
    }

    private Received deliver(String task, String request) {
        return deliver("plain", task, request);
    }

    private Received deliver(String queue, String task, String request) {
        return deliver(queue, task, "{name: worker}", request, worker);
    }

    private Received deliver(String queue, String task, String service, String request, RecordingWorker to) {
        cluster.task(
                task,
                "{queueRef: {name: %s}, httpRequest: {serviceRef: %s%s}}"
                        .formatted(queue, service, request.isEmpty() ? "" : ", " + request));
        cluster.awaitState(task, "Succeeded");
        return to.received(task).getFirst();
    }
}
