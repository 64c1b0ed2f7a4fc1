package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.Shell;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Makes the situation of {@code docs/waiting.md} and compares what kubectl and the plugin print with the page. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class WaitingPageIT {
    private static final Pattern PORT = Pattern.compile("http \\(\\d+\\)|(?<=\\.svc:)\\d+");
    /** A rate that is slowed down, which changes every five seconds. */
    private static final Pattern FRACTION = Pattern.compile("\\b\\d+\\.\\d+\\b");

    /** A word of a command, which may have a part in quotes. */
    private static final Pattern WORD = Pattern.compile("([^\\s']|'[^']*')+");

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final Shell shell = cluster.plane().newShell();

    /** A command of the page with the output that it shows. */
    private record Shown(String command, String output) {}

    @Test
    void everyCommandPrintsWhatThePageShows() {
        var release = new CountDownLatch(1);
        makeTasks(release);
        List<Shown> all = shown();
        var softly = new SoftAssertions();
        all.stream().filter(one -> !one.command().contains("taskqueues")).forEach(one -> check(one, softly));
        overload();
        all.stream().filter(one -> one.command().contains("taskqueues")).forEach(one -> check(one, softly));
        release.countDown();
        softly.assertAll();
        assertThat(all).hasSizeGreaterThanOrEqualTo(25);
    }

    private void makeTasks(CountDownLatch release) {
        cluster.worker("order-worker").codes(503);
        cluster.worker("slow-worker").script(request -> {
            release.await();
            return Answer.of(200);
        });
        cluster.service("mail-worker", "''", "[{name: http, port: 8080}]");
        cluster.endpoint("mail-worker", false, "[{name: http, port: 8080}]");
        cluster.operator();
        cluster.queue("held", "{}");
        cluster.annotateQueue("held", "taskqueue.dev/hold=incident 1204, ask the on-call");
        cluster.queue("paused", "{state: Paused}");
        cluster.queue("single", "{rateLimits: {maxConcurrentDispatches: 1}}");
        cluster.queue(
                "order-tasks",
                "{rateLimits: {maxDispatchesPerSecond: 25, maxConcurrentDispatches: 10}, retry: {minBackoff: 1h}}");
        cluster.awaitQueueState("held", "Held");
        cluster.awaitQueueState("paused", "Paused");
        cluster.task("billing-1", task("held", "order-worker"));
        cluster.task("newsletter-1", task("paused", "order-worker"));
        cluster.task("order-4711-invoice", task("order-tasks", "invoice-worker"));
        cluster.task("order-4711-label", task("order-tasks", "invoice-worker"));
        cluster.task("order-4711-mail", task("order-tasks", "mail-worker"));
        cluster.task(
                "order-4711-reminder",
                task("order-tasks", "order-worker").replace("{queueRef", "{delay: 1h, queueRef"));
        cluster.task("order-4711-stock", task("order-tasks", "order-worker"));
        cluster.task("order-4712-stock", task("order-task", "order-worker"));
        cluster.queue("reports", "{httpTarget: {serviceAccountToken: {serviceAccountName: caller}}}");
        cluster.queue("refunds", "{retry: {nonRetryableStatusCodes: [422]}}");
        cluster.worker("refund-worker").codes(422);
        cluster.task("report-1", task("reports", "order-worker"));
        cluster.task("refund-1", task("refunds", "refund-worker"));
        cluster.task("slow-1", task("single", "slow-worker"));
        cluster.awaitState("slow-1", "Dispatching");
        cluster.task("slow-2", task("single", "slow-worker"));
        cluster.awaitReason("billing-1", "QueueHeld");
        cluster.awaitReason("newsletter-1", "QueuePaused");
        cluster.awaitReason("order-4711-invoice", "TargetNotFound");
        cluster.awaitReason("order-4711-label", "TargetNotFound");
        cluster.awaitReason("order-4711-mail", "NoReadyEndpoint");
        cluster.awaitState("order-4711-reminder", "Scheduled");
        cluster.awaitState("order-4711-stock", "BackingOff");
        cluster.awaitReason("order-4712-stock", "QueueNotFound");
        cluster.awaitReason("report-1", "TokenNotPermitted");
        cluster.awaitState("refund-1", "Failed");
        cluster.awaitState("slow-2", "Queued");
    }

    private void overload() {
        cluster.worker("stock-worker").codes(503);
        cluster.queue(
                "stock",
                "{rateLimits: {maxDispatchesPerSecond: 20, maxConcurrentDispatches: 50}, retry: {minBackoff: 1s, maxBackoff: 1s}}");
        cluster.tasks(TestCluster.names("stock", 60), task("stock", "stock-worker"));
        cluster.awaitQueue(
                "stock",
                now -> "True Overloaded".equals(StatusConditions.conditions(now).get("Throttled"))
                        && now.at("/stats/enforcedDispatchesPerSecond").asText().contains(".")
                        && now.at("/stats/dispatching").asInt() == 0);
        cluster.awaitQueue("order-tasks", now -> now.at("/stats/blocked").asInt() == 3);
        cluster.awaitQueue(
                "single",
                now -> now.at("/stats/dispatching").asInt() == 1
                        && now.at("/stats/tasks").asInt() == 2);
        cluster.awaitQueue("reports", now -> now.at("/stats/blocked").asInt() == 1);
        cluster.awaitQueue("refunds", now -> now.at("/stats/failedRetained").asInt() == 1);
        cluster.awaitQueue("held", now -> now.at("/stats/tasks").asInt() == 1);
        cluster.awaitQueue("paused", now -> now.at("/stats/tasks").asInt() == 1);
    }

    private static String task(String queue, String service) {
        return "{queueRef: {name: %s}, httpRequest: {serviceRef: {name: %s}}}".formatted(queue, service);
    }

    private void check(Shown one, SoftAssertions softly) {
        String printed = one.command().startsWith("kubectl tq ") ? plugin(one.command()) : kubectl(one.command());
        softly.assertThat(shape(printed.replace(cluster.namespace(), "shop")))
                .as(one.command())
                .isEqualTo(shape(one.output()));
    }

    private String plugin(String command) {
        return shell.run("PATH=$PWD/operator/plugin:$PATH NO_COLOR=1\nexport PATH NO_COLOR\n%s -n %s"
                .formatted(command, cluster.namespace()));
    }

    private String kubectl(String command) {
        String[] words = WORD.matcher(command)
                .results()
                .skip(1)
                .map(word -> word.group().replace("'", ""))
                .toArray(String[]::new);
        return cluster.kubectl(words);
    }

    private static String shape(String output) {
        String times = MarkdownPage.shape(output);
        return FRACTION.matcher(PORT.matcher(times).replaceAll("PORT")).replaceAll("N");
    }

    /** The commands that the page shows with an output. */
    private static List<Shown> shown() {
        var shown = new ArrayList<Shown>();
        for (MarkdownPage.Block block : MarkdownPage.blocks("docs/waiting.md")) {
            String[] parts = block.text().split("\n", 2);
            if (parts[0].startsWith("$ ") && parts.length == 2 && !parts[1].startsWith("$ ")) {
                shown.add(new Shown(parts[0].substring(2), parts[1]));
            }
        }
        return shown;
    }
}
