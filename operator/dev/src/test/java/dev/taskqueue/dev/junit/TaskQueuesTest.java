package dev.taskqueue.dev.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskState;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@TaskQueueTest
class TaskQueuesTest {
    private static final String QUEUE = """
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: orders}
            spec:
              retention: {succeeded: 24h}
              httpTarget: {serviceRef: {name: worker}}
            """;

    @Test
    void aTaskBeforeItsQueueAndItsServiceGoesOnceTheyAreThere(TaskQueues queues) {
        queues.apply(task("a", "0s"));
        queues.advance(Duration.ofHours(1));
        assertThat(state(queues, "a")).isNotEqualTo(TaskState.Succeeded);

        queues.apply(QUEUE).advance(Duration.ZERO);
        assertThat(state(queues, "a")).isNotEqualTo(TaskState.Succeeded);

        queues.stub("worker");
        queues.advance(Duration.ZERO);
        assertThat(state(queues, "a")).isEqualTo(TaskState.Succeeded);
    }

    @Test
    void aFinishedTaskGoesAfterItsRetention(TaskQueues queues) {
        queues.stub("worker");
        queues.apply(QUEUE).apply(task("a", "0s")).advance(Duration.ofHours(23));
        assertThat(queues.queue("orders").tasks()).hasSize(1);
        queues.advance(Duration.ofHours(2));
        assertThat(queues.queue("orders").tasks()).isEmpty();
    }

    @Test
    void aDeletedTaskIsNotSent(TaskQueues queues) {
        var worker = queues.stub("worker");
        queues.apply(QUEUE).apply(task("a", "30s")).apply(task("b", "30s")).advance(Duration.ofSeconds(10));
        queues.client()
                .resources(Task.class)
                .inNamespace("default")
                .withName("a")
                .delete();
        queues.advance(Duration.ofMinutes(1));
        assertThat(worker.requests())
                .extracting(request -> request.headers().get("X-CloudTasks-TaskName"))
                .containsExactly("b");
    }

    @Test
    void bodyAndHeadersComeFromSecretsAndConfigMapsOnceTheyAreThere(TaskQueues queues) {
        var worker = queues.stub("worker");
        queues.apply(QUEUE.replace(
                "worker}}", "worker}, secretHeaders: [{name: X-Api-Key, secretKeyRef: {name: keys, key: api}}]}"));
        queues.apply(task("a", "0s").replace("{}", "{bodyFrom: {configMapKeyRef: {name: payloads, key: a}}}"));
        queues.advance(Duration.ofMinutes(1));
        assertThat(worker.requests()).isEmpty();
        assertThat(state(queues, "a")).isNotEqualTo(TaskState.Failed);
        queues.apply("{apiVersion: v1, kind: Secret, metadata: {name: keys}, stringData: {api: key-1}}")
                .apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: payloads}, data: {a: hello}}")
                .advance(Duration.ofMinutes(1));
        assertThat(state(queues, "a")).isEqualTo(TaskState.Succeeded);
        assertThat(worker.requests()).singleElement().satisfies(request -> {
            assertThat(request.body()).isEqualTo("hello");
            assertThat(request.headers()).containsEntry("X-Api-Key", "key-1");
        });
    }

    @Test
    void anOwnHandlerStandsInForItsService(TaskQueues queues) {
        try (var handler = new StubWorker(queues::now)) {
            queues.forward("worker", URI.create(handler.url().toString()));
            queues.apply(QUEUE).apply(task("a", "0s")).advance(Duration.ZERO);
            assertThat(handler.requests()).hasSize(1);
        }
    }

    @Test
    void whatTheApiServerRefusesIsToldToTheTest(TaskQueues queues) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> queues.apply(task("a", "soon")))
                .withMessageContaining("Task a is refused");
    }

    @Nested
    @TaskQueueTest(time = TaskQueueTest.Time.REAL)
    class InRealTime {
        @Test
        void theOperatorWorksByItself(TaskQueues queues) {
            queues.stub("worker");
            queues.apply(QUEUE).apply(task("a", "100ms"));
            await().until(() -> state(queues, "a") == TaskState.Succeeded);
        }
    }

    private static TaskState state(TaskQueues queues, String name) {
        return queues.queue("orders").state(name);
    }

    private static String task(String name, String delay) {
        return """
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s}
                spec: {queueRef: {name: orders}, delay: %s, httpRequest: {}}
                """.formatted(name, delay);
    }
}
