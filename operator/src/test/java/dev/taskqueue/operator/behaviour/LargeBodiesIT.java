package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Tests Tasks that together are larger than the operator's memory. */
@Order(TestCluster.LONG_FIRST)
class LargeBodiesIT {
    private static final Map<String, String> SMALL_HEAP =
            Map.of("JDK_JAVA_OPTIONS", "-Xmx48m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError");
    /** A quarter of the heap is for requests. A request holds its body twice, as text and as bytes, and a queue may use half of that room. */
    private static final int IN_FLIGHT = 12;

    /** Each Task has about 256 KiB. If all were in memory at once, there would be room for nothing else. */
    private static final int MANY = 200;

    /** A busy machine writes and reads all of them in this time. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String SPEC = """
            {queueRef: {name: orders}, httpRequest: {
              serviceRef: {name: worker}, headers: {Content-Type: text/plain}, body: %s}}
            """.formatted("x".repeat(256 << 10));

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void neitherTheirListNorAWorkerThatHangsTakesMoreMemoryThanThereIs() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            release.await();
            return Answer.of(200);
        });
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 1000, maxConcurrentDispatches: 1000}}");
        cluster.tasks(names("t", MANY), SPEC);
        OperatorProcess operator = cluster.process(SMALL_HEAP);
        await().atMost(PATIENCE).until(() -> worker.open() >= IN_FLIGHT / 2);
        release.countDown();
        await().atMost(PATIENCE).until(() -> worker.received().size() >= MANY);
        await().atMost(PATIENCE).until(() -> unfinished().isEmpty());
        assertThat(operator.isAlive()).isTrue();
        assertThat(worker.tasks()).hasSize(MANY).doesNotHaveDuplicates();
        assertThat(worker.peak()).isLessThanOrEqualTo(IN_FLIGHT);
    }

    /** Lists only the unfinished Tasks, because all Tasks together are too large to be read repeatedly. */
    private List<GenericKubernetesResource> unfinished() {
        return cluster.plane()
                .client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", "Task")
                .inNamespace(cluster.namespace())
                .withoutField("status.state", "Succeeded")
                .list()
                .getItems();
    }

    /** The operator remembers annotations as long as the Task exists, and the annotations of one Task may have 256 KiB. */
    @Test
    void whatAnnotationsAskForDoesNotStayInMemory() {
        cluster.queue("orders", "{state: Paused}");
        names("t", MANY).parallelStream().forEach(name -> cluster.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s, annotations: {taskqueue.dev/redrive: %s}}
                spec: {queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}
                """.formatted(name, "x".repeat(250_000))));
        OperatorProcess operator = cluster.process(SMALL_HEAP);
        await().atMost(PATIENCE)
                .until(() -> cluster.queueStatus("orders").at("/stats/tasks").asInt() == MANY);
        cluster.patchQueue("orders", "{spec: {state: Running}}");
        await().atMost(PATIENCE).until(() -> worker.received().size() >= MANY);
        assertThat(operator.isAlive()).isTrue();
        assertThat(worker.tasks()).hasSize(MANY).doesNotHaveDuplicates();
    }
}
