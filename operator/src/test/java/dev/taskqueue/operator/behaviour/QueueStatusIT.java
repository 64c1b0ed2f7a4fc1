package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The status of a TaskQueue. */
class QueueStatusIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.operator();
    }

    @Test
    void aGoodQueueIsReadyAndFollowsItsSpec() {
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 25}}");
        JsonNode status = cluster.awaitQueue(
                "orders", now -> now.path("observedGeneration").asInt() == 1);
        assertThat(status.path("state").asText()).isEqualTo("Running");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of("Ready", "True Ready", "Paused", "False Running", "Throttled", "False FullRate"));
        assertThat(status.at("/stats/enforcedDispatchesPerSecond").asText()).isEqualTo("25");
        cluster.patchQueue("orders", "{spec: {state: Paused}}");
        status = cluster.awaitQueue(
                "orders", now -> now.path("observedGeneration").asInt() == 2);
        assertThat(status.path("state").asText()).isEqualTo("Paused");
        assertThat(StatusConditions.conditions(status))
                .containsEntry("Ready", "True Ready")
                .containsEntry("Paused", "True SpecPaused");
    }

    @Test
    void aQueueThatCannotBeServedSendsNothingUntilItCan() {
        cluster.queue("orders", "{deadLetter: {queueRef: {name: orders}}}");
        JsonNode status = cluster.awaitQueue("orders", now -> now.has("state"));
        assertThat(status.path("state").asText()).isEqualTo("Invalid");
        assertThat(StatusConditions.conditions(status))
                .containsEntry("Ready", "False DeadLetterChain")
                .containsEntry("Stalled", "True DeadLetterChain");
        cluster.task("a", "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}");
        cluster.awaitState("a", "Queued");
        assertThat(worker.received()).isEmpty();
        cluster.patchQueue("orders", "{spec: {deadLetter: null}}");
        cluster.awaitState("a", "Succeeded");
        assertThat(StatusConditions.conditions(cluster.queueStatus("orders")))
                .containsEntry("Ready", "True Ready")
                .doesNotContainKey("Stalled");
    }

    @Test
    void statsTellWhereTheTasksAreAndCostAWriteInTenSeconds() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().startsWith("flying")) {
                release.await();
            }
            return new Answer(
                    request.task().startsWith("ok") ? 200 : 500,
                    Map.of("TaskQueue-No-Retry", String.valueOf(request.task().startsWith("failed"))));
        });
        cluster.queue("orders", "{throttling: Disabled, retry: {minBackoff: 1h}}");
        cluster.queue("busy", "{}");
        cluster.awaitQueue("orders", now -> now.has("stats"));
        cluster.awaitQueue("busy", now -> now.has("stats"));
        long before = writes();
        long start = System.nanoTime();
        List.of("flying-1", "flying-2", "ok", "backing-off", "failed").forEach(name -> cluster.task(name, task("")));
        cluster.task("scheduled", task("delay: 1h, "));
        cluster.task("blocked", task("").replace("worker", "none"));
        // Meanwhile the status of the other queue changes all the time.
        var tasks = new AtomicInteger();
        JsonNode stats = await().until(
                        () -> {
                            String name = "ok-" + tasks.getAndIncrement();
                            cluster.task(name, task("").replace("orders", "busy"));
                            cluster.awaitState(name, "Succeeded");
                            return cluster.queueStatus("orders");
                        },
                        now -> now.at("/stats/tasks").asInt() == 5
                                && now.at("/stats/waiting/TargetNotFound").asInt() == 1)
                .path("stats");
        long written = writes() - before;
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        // Each of the two queues may have one write more than the number of whole periods, because its last write
        // before may be long ago.
        assertThat(written).isLessThanOrEqualTo(2 * (elapsed.toSeconds() / 10 + 1));
        assertThat(stats.path("scheduled").asInt()).isEqualTo(1);
        assertThat(stats.path("dispatching").asInt()).isEqualTo(2);
        assertThat(stats.path("backingOff").asInt()).isEqualTo(1);
        assertThat(stats.path("queued").asInt()).isEqualTo(1);
        assertThat(stats.path("failedRetained").asInt()).isEqualTo(1);
        assertThat(stats.path("executedLastMinute").asInt()).isEqualTo(3);
        assertThat(stats.has("oldestDueTime")).isTrue();
        assertColumns();
        release.countDown();
    }

    @Test
    void aQueueWithStuckTasksIsReadyAndBlockedUntilTheyCanBeSent() {
        cluster.queue("orders", "{}");
        cluster.awaitQueue("orders", now -> now.has("stats"));
        cluster.task("typo", task("").replace("worker", "none"));
        JsonNode status = cluster.awaitQueue(
                "orders", now -> StatusConditions.conditions(now).containsKey("Blocked"));
        assertThat(StatusConditions.conditions(status))
                .containsEntry("Ready", "True Ready")
                .containsEntry("Blocked", "True TargetNotFound");
        assertThat(message(status, "Blocked"))
                .isEqualTo(
                        "1 Task waits for something that must change: TargetNotFound 1. One of them is Task typo: Service "
                                + cluster.namespace()
                                + "/none does not exist: create it, or correct serviceRef.name. (see Troubleshooting, section TargetNotFound)");
        assertThat(status.path("reason").asText()).isEqualTo("Blocked: TargetNotFound 1");
        assertThat(status.at("/stats/blocked").asInt()).isEqualTo(1);
        cluster.worker("none");
        cluster.awaitState("typo", "Succeeded");
        status = cluster.awaitQueue(
                "orders",
                now -> "False NotBlocked"
                        .equals(StatusConditions.conditions(now).get("Blocked")));
        assertThat(status.path("reason").asText()).isEqualTo("Ready");
        assertThat(status.at("/stats/blocked").asInt()).isZero();
    }

    @Test
    void whatTheQueueItselfNamesIsLookedAtAndLookedAtAgain() {
        cluster.queue(
                "orders",
                "{deadLetter: {queueRef: {name: order-failed}}, dispatchDeadline: 2h, httpTarget: {serviceRef: {name: none}}}");
        String namespace = cluster.namespace();
        String letters = "TaskQueue " + namespace
                + "/order-failed, which spec.deadLetter.queueRef names, does not exist: dead letters wait until it is created.";
        String target = "spec.httpTarget.serviceRef: Service " + namespace
                + "/none does not exist: create it, or correct serviceRef.name.";
        String deadline = "spec.dispatchDeadline 2h is above 30m";
        awaitReady(message -> message.startsWith("The settings are in force. But: ")
                && message.contains(letters)
                && message.contains(target)
                && message.contains(deadline));
        cluster.queue("order-failed", "{}");
        awaitReady(message -> !message.contains("order-failed") && message.contains(target));
        cluster.worker("none");
        awaitReady(message -> !message.contains("Service") && message.contains(deadline));
        cluster.patchQueue("orders", "{spec: {dispatchDeadline: 5m}}");
        awaitReady("The settings are in force."::equals);
        cluster.kubectl("delete", "tq", "order-failed");
        awaitReady(message -> message.contains(letters));
        cluster.kubectl("delete", "service", "none");
        awaitReady(message -> message.contains(target));
        assertThat(StatusConditions.conditions(cluster.queueStatus("orders"))).containsEntry("Ready", "True Ready");
    }

    private void awaitReady(Predicate<String> message) {
        cluster.awaitQueue("orders", now -> message.test(message(now, "Ready")));
    }

    private static String message(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("message").asText();
            }
        }
        return "";
    }

    private void assertColumns() {
        List<String> lines =
                cluster.kubectl("get", "tq", "orders", "-o", "wide").lines().toList();
        assertThat(lines.getFirst())
                .isEqualToNormalizingWhitespace("NAME READY STATE RATE CONCURRENCY TASKS DISPATCHING BLOCKED AGE"
                        + " ENFORCED OLDEST FAILED REASON");
        assertThat(lines.get(1).split("\\s+"))
                .startsWith("orders", "True", "Running", "500", "1000", "5", "2", "1")
                .endsWith("1", "Blocked:", "TargetNotFound", "1");
        assertThat(cluster.kubectl("get", "qtask", "backing-off")
                        .lines()
                        .toList()
                        .getLast()
                        .split("\\s+"))
                .startsWith("backing-off", "orders", "BackingOff", "BackingOff", "1", "500");
        assertThat(cluster.kubectl(
                        "get",
                        "qtask",
                        "-o",
                        "name",
                        "--field-selector",
                        "spec.queueRef.name=orders,status.state=Failed"))
                .isEqualToIgnoringNewLines("task.taskqueue.dev/failed");
    }

    private long writes() {
        return cluster.account().requests().queueStatusPatches();
    }

    private static String task(String more) {
        return "{queueRef: {name: orders}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
