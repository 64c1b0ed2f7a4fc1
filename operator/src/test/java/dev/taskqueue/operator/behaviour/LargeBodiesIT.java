package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tasks that together are larger than all the memory that the operator has. */
class LargeBodiesIT {
    private static final Map<String, String> SMALL_HEAP =
            Map.of("JDK_JAVA_OPTIONS", "-Xmx96m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError");
    /** A quarter of that is for requests. One holds its body twice, as text and as bytes, and a queue at most half of what there is. */
    private static final int IN_FLIGHT = 24;

    /** So much is written and read by a busy machine in a while. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String SPEC = """
            {queueRef: {name: orders}, httpRequest: {
              serviceRef: {name: worker}, headers: {Content-Type: text/plain}, body: %s}}
            """.formatted("x".repeat(256 << 10));

    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @Test
    void neitherTheirListNorAWorkerThatHangsTakesMoreMemoryThanThereIs() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            release.await();
            return Answer.of(200);
        });
        stage.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 1000, maxConcurrentDispatches: 1000}}");
        for (String part : List.of("a", "b", "c", "d", "e", "f")) {
            stage.tasks(names(part, 50), SPEC);
        }
        OperatorProcess operator = stage.process(SMALL_HEAP);
        await().atMost(PATIENCE).until(() -> worker.open() >= IN_FLIGHT / 2);
        release.countDown();
        await().atMost(PATIENCE).until(() -> worker.received().size() >= 300);
        stage.tasks().forEach(task -> stage.awaitState(task.at("/metadata/name").asText(), "Succeeded"));
        assertThat(operator.isAlive()).isTrue();
        assertThat(worker.tasks()).hasSize(300).doesNotHaveDuplicates();
        assertThat(worker.peak()).isLessThanOrEqualTo(IN_FLIGHT);
    }

    /** They are remembered for as long as the Tasks exist, and one alone may have 256 KiB. */
    @Test
    void whatAnnotationsAskForDoesNotStayInMemory() {
        int many = 1_000;
        stage.queue("orders", "{state: Paused}");
        names("t", many).parallelStream().forEach(name -> stage.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s, annotations: {taskqueue.dev/redrive: %s}}
                spec: {queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}
                """.formatted(name, "x".repeat(250_000))));
        OperatorProcess operator = stage.process(SMALL_HEAP);
        await().atMost(PATIENCE)
                .until(() -> stage.queueStatus("orders").at("/stats/tasks").asInt() == many);
        stage.patchQueue("orders", "{spec: {state: Running}}");
        await().atMost(PATIENCE).until(() -> worker.received().size() >= many);
        assertThat(operator.isAlive()).isTrue();
        assertThat(worker.tasks()).hasSize(many).doesNotHaveDuplicates();
    }
}
