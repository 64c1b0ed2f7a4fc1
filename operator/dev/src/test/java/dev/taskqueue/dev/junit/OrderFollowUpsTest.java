package dev.taskqueue.dev.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.api.TaskState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A sample: a shop tests which Tasks its checkout creates and how its handler processes them. Hours pass in virtual time. */
@TaskQueueTest(manifests = {"../../samples/orders/queues.yaml", "../../samples/orders/worker.yaml"})
class OrderFollowUpsTest {
    @Test
    void theRatingRequestLeavesAnHourAfterTheCheckout(TaskQueues queues) {
        var worker = queues.stub("order-worker");
        checkout(queues, "order-4712-rating", "1h", "/tasks/rating-request");

        queues.advance(Duration.ofMinutes(59));
        assertThat(worker.requests()).isEmpty();

        queues.advance(Duration.ofMinutes(1));
        assertThat(worker.requests()).singleElement().satisfies(request -> {
            assertThat(request.target()).isEqualTo("/tasks/rating-request");
            assertThat(request.headers()).containsEntry("X-CloudTasks-TaskName", "order-4712-rating");
            assertThat(request.body()).isEqualTo("{\"orderId\":\"4712\"}");
            assertThat(request.at()).isEqualTo("2026-01-01T01:00:00Z");
        });
        assertThat(queues.queue("order-tasks").state("order-4712-rating")).isEqualTo(TaskState.Succeeded);
    }

    @Test
    void aWorkerThatIsDownIsAskedAgainAfterOneTwoAndFourSeconds(TaskQueues queues) {
        queues.stub("order-worker").answers(503, 503, 503, 200);
        checkout(queues, "order-4712-stock", "0s", "/tasks/reserve-stock");

        queues.advance(Duration.ofSeconds(7));
        var status = queues.queue("order-tasks").status("order-4712-stock");
        assertThat(status.state()).isEqualTo(TaskState.Succeeded);
        assertThat(status.attempts())
                .extracting(Attempt::dispatchTime)
                .containsExactly(
                        "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:03Z", "2026-01-01T00:00:07Z");
    }

    @Test
    void theSupplierIsAskedEveryTwoSecondsAtMost(TaskQueues queues) {
        var worker = queues.stub("order-worker");
        for (int i = 0; i < 5; i++) {
            queues.apply(task("reorder-" + i, "supplier", "0s", "/tasks/reorder"));
        }
        queues.advance(Duration.ofSeconds(5));
        assertThat(worker.requests()).hasSize(3);
        queues.advance(Duration.ofSeconds(4));
        assertThat(worker.requests()).hasSize(5);
    }

    private static void checkout(TaskQueues queues, String name, String delay, String path) {
        queues.apply(task(name, "order-tasks", delay, path));
    }

    private static String task(String name, String queue, String delay, String path) {
        return """
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s}
                spec:
                  queueRef: {name: %s}
                  delay: %s
                  httpRequest:
                    path: %s
                    body: '{"orderId":"4712"}'
                """.formatted(name, queue, delay, path);
    }
}
