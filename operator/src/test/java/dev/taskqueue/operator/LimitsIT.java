package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.Stage;
import dev.taskqueue.operator.testing.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rate, concurrency and pause, as the worker sees them. */
class LimitsIT {
    /** What may delay a request between the take of its token and its arrival beyond what can be seen of it. */
    private static final Duration THREAD_START = Duration.ofMillis(50);

    private final Stage stage = new Stage();
    private final RecordingWorker worker = stage.worker("worker");

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void noWindowHasMoreDispatchesThanBurstAndRateAllow() {
        stage.queue(
                "orders",
                "{state: Paused, throttling: Disabled, rateLimits: {maxDispatchesPerSecond: 100, maxBurstSize: 10}}");
        stage.operator();
        stage.tasks(names("t", 1000), task("orders"));
        stage.patchQueue("orders", "{spec: {state: Running}}");
        awaitReceived(1000);
        List<Received> received = worker.received();
        // What left at one time may arrive at another: a window at the worker was longer at the operator by at most
        // what the slowest request took to get here.
        Duration transport = received.stream()
                .map(LimitsIT::transport)
                .max(Duration::compareTo)
                .orElseThrow();
        assertNoWindowAbove(received, 10, 100, transport.plus(THREAD_START));
        double seconds = (received.getLast().nanos() - received.getFirst().nanos()) / 1e9;
        // The burst came at once; what remained came at the rate.
        assertThat((1000 - 10) / seconds).isBetween(90.0, 101.0);
    }

    /** From the dispatch, of which the header tells by its deadline, to the arrival. */
    private static Duration transport(Received request) {
        Instant dispatched = Instant.parse(request.header("TaskQueue-Deadline")).minus(Duration.ofMinutes(10));
        return Duration.between(dispatched, request.at());
    }

    private static void assertNoWindowAbove(List<Received> received, int burst, double rate, Duration jitter) {
        long[] arrivals = received.stream().mapToLong(Received::nanos).sorted().toArray();
        for (int first = 0; first < arrivals.length; first++) {
            for (int last = first; last < arrivals.length; last++) {
                double seconds = (arrivals[last] - arrivals[first] + jitter.toNanos()) / 1e9;
                if (last - first + 1 > burst + rate * seconds) {
                    throw new AssertionError("%d dispatches within %.3f s, from number %d on"
                            .formatted(last - first + 1, seconds, first));
                }
            }
        }
    }

    @Test
    void noMoreRequestsAreInFlightThanAllowedAlsoWhenThatChanges() {
        var answers = new Semaphore(0);
        worker.script(request -> {
            answers.acquire();
            return Answer.of(200);
        });
        stage.queue("orders", "{rateLimits: {maxConcurrentDispatches: 5}}");
        stage.operator();
        stage.tasks(names("t", 60), task("orders"));
        await().until(() -> worker.open() == 5);
        answers.release(20);
        awaitReceived(25);
        assertThat(worker.peak()).isEqualTo(5);

        stage.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 12}}}");
        await().until(() -> worker.open() == 12);
        assertThat(worker.peak()).isEqualTo(12);

        stage.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 2}}}");
        awaitSettled("orders", 3);
        int before = worker.received().size();
        answers.release(10);
        await().until(() -> worker.open() == 2);
        assertThat(worker.received()).hasSize(before);
        answers.release(1);
        awaitReceived(before + 1);
        await().until(() -> worker.open() == 2);
        answers.release(1000);
        awaitReceived(60);
        assertThat(worker.peak()).isEqualTo(12);
    }

    @Test
    void theRateChangesLive() {
        stage.queue("orders", "{rateLimits: {maxDispatchesPerSecond: '0.1', maxBurstSize: 3}}");
        stage.operator();
        stage.tasks(names("t", 43), task("orders"));
        awaitReceived(3);
        stage.patchQueue("orders", "{spec: {rateLimits: {maxDispatchesPerSecond: 20}}}");
        awaitReceived(43);
        List<Received> slow = worker.received().subList(0, 3);
        assertThat(slow).hasSize(3);
        List<Received> fast = worker.received().subList(3, 43);
        double seconds = (fast.getLast().nanos() - fast.getFirst().nanos()) / 1e9;
        assertThat(seconds).isGreaterThan(1.7);
    }

    @Test
    void aPausedQueueSendsNothingAndItsFlightsFinish() {
        var answers = new Semaphore(0);
        worker.script(request -> {
            answers.acquire();
            return Answer.of(200);
        });
        stage.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}}");
        stage.queue("other", "{}");
        stage.operator();
        stage.tasks(names("t", 3), task("orders"));
        awaitReceived(1);
        stage.patchQueue("orders", "{spec: {state: Paused}}");
        awaitSettled("orders", 2);
        answers.release();
        stage.awaitState(worker.tasks().getFirst(), "Succeeded");
        assertPasses(answers, "while-paused");

        stage.plane().kubectl("annotate", "tq", "orders", "-n", stage.namespace(), "taskqueue.dev/hold=deploy");
        awaitQueue("orders", "Held");
        stage.patchQueue("orders", "{spec: {state: Running}}");
        awaitSettled("orders", 3);
        assertThat(stage.queueStatus("orders").path("state").asText()).isEqualTo("Held");
        assertThat(Told.conditions(stage.queueStatus("orders"))).containsEntry("Paused", "True Held");
        assertPasses(answers, "while-held");

        stage.plane().kubectl("annotate", "tq", "orders", "-n", stage.namespace(), "taskqueue.dev/hold-");
        answers.release(2);
        awaitReceived(5);
        awaitQueue("orders", "Running");
    }

    /** A Task of another queue that comes later goes, and none of this queue does. */
    private void assertPasses(Semaphore answers, String name) {
        int before = worker.received().size();
        stage.task(name, task("other"));
        answers.release();
        stage.awaitState(name, "Succeeded");
        assertThat(worker.received()).hasSize(before + 1);
    }

    @Test
    void aHoldEndsByItselfAtItsTime() {
        stage.operator();
        Instant until = Instant.now().plusSeconds(2);
        stage.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskQueue
                metadata: {name: orders, annotations: {taskqueue.dev/hold: deploy, taskqueue.dev/hold-until: '%s'}}
                spec: {}
                """.formatted(until));
        stage.task("a", task("orders"));
        stage.awaitState("a", "Succeeded");
        assertThat(worker.received().getFirst().at()).isAfterOrEqualTo(until);
    }

    @Test
    void aThousandHungRequestsOfOneQueueLeaveTheOthersAlone() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.header("X-CloudTasks-QueueName").equals("hung")) {
                release.await();
            }
            return Answer.of(200);
        });
        stage.queue("hung", "{rateLimits: {maxDispatchesPerSecond: 10000}}");
        stage.queue("quick", "{}");
        stage.operator("MAX_IN_FLIGHT=500");
        stage.tasks(names("hung", 1000), task("hung"));
        // All that the operator as a whole may have open, but for what other queues are sure of.
        await().until(() -> worker.open() >= 200);
        stage.tasks(names("quick", 50), task("quick"));
        await().until(() ->
                worker.tasks().stream().filter(task -> task.startsWith("quick")).count() == 50);
        assertThat(worker.open()).isGreaterThanOrEqualTo(200).isLessThanOrEqualTo(500);
        release.countDown();
        awaitReceived(1050);
    }

    private void awaitQueue(String queue, String state) {
        await().until(() -> stage.queueStatus(queue).path("state").asText().equals(state));
    }

    private void awaitSettled(String queue, int generation) {
        await().until(() -> stage.queueStatus(queue).path("observedGeneration").asInt() == generation);
    }

    private void awaitReceived(int count) {
        await().until(() -> worker.received().size() == count);
    }

    private static List<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + "-" + i).toList();
    }

    private static String task(String queue) {
        return "{queueRef: {name: " + queue + "}, httpRequest: {serviceRef: {name: worker}}}";
    }
}
