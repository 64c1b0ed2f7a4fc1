package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import dev.taskqueue.dev.console.PluginRun.Said;
import dev.taskqueue.dev.console.PluginRun.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs each command of the plugin with kubectl against the embedded API server, in the system's shell and in busybox, and compares what it prints. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.BUSYBOX})
@ParameterizedClass
@EnumSource(Shell.class)
class PluginIT {
    @TempDir
    Path folder;

    private final Shell shell;
    private EmbeddedApiServer server;
    private TestingApi api;
    private PluginRun plugin;

    PluginIT(Shell shell) {
        this.shell = shell;
    }

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedApiServer.start(0, InstantSource.system());
        api = new TestingApi(server.url());
        api.namespace("shop");
        plugin = new PluginRun(folder, shell, server.kubeconfig().replace("namespace: default", "namespace: shop"));
        api.queue("shop", "mail", "{rateLimits: {maxDispatchesPerSecond: 20}}", """
                {state: Running, stats: {tasks: 40, queued: 40, dispatching: 0, failedRetained: 0, executedLastMinute: 0, oldestDueTime: '2025-11-29T11:37:02Z',
                 waiting: {NoReadyEndpoint: 40}}}
                """);
        api.queue(
                "shop",
                "newsletter",
                "{state: Paused, rateLimits: {maxDispatchesPerSecond: '0.5', maxConcurrentDispatches: 2}}",
                "{state: Paused, stats: {tasks: 297, queued: 297, oldestDueTime: '2025-11-29T11:36:56.5Z'}}");
        api.queue("shop", "order-tasks", "{rateLimits: {maxDispatchesPerSecond: 2, maxConcurrentDispatches: 10}}", """
                {state: Running, stats: {tasks: 127, queued: 124, dispatching: 10, failedRetained: 3, executedLastMinute: 91, oldestDueTime: '2025-11-29T11:54:49Z',
                 enforcedDispatchesPerSecond: '1.1'}}
                """);
        api.queue("shop", "held", "{}", "{state: Held, stats: {tasks: 1, queued: 1}}");
        api.patch(
                "taskqueues",
                "shop",
                "held",
                "metadata: {annotations: {taskqueue.dev/hold: \"Anna: \\x1B[31mred\\nline 'x'\", taskqueue.dev/hold-until: '2025-11-29T18:00:00Z'}}");
        api.task("shop", "mail-000", "mail", """
                {state: Queued, conditions: [{type: Succeeded, status: Unknown, reason: NoReadyEndpoint, lastTransitionTime: '2025-11-29T11:00:00Z',
                  message: 'Service shop/mail-worker has no ready endpoint at port http (8080): start its Pods. (see Troubleshooting, section NoReadyEndpoint)'}],
                 request: {method: POST, url: 'http://mail-worker.shop.svc:8080/mail', fromQueue: [serviceRef]}}
                """);
        api.task("shop", "bad", "order-tasks", """
                {state: Failed, completionTime: '2025-11-29T11:00:05Z', attempts: [
                  {number: 1, dispatchTime: '2025-11-29T11:00:00Z', responseTime: '2025-11-29T11:00:01Z', statusCode: 503, reason: Unavailable, message: The worker answered 503.},
                  {number: 2, dispatchTime: '2025-11-29T11:00:04Z', responseTime: '2025-11-29T11:00:05Z', reason: DeadlineExceeded, message: No answer.}],
                 conditions: [{type: Succeeded, status: 'False', reason: RetriesExhausted, lastTransitionTime: '2025-11-29T11:00:00Z', message: Given up after 2 attempts.}]}
                """);
        api.batch("shop", "import", "order-tasks", """
                {state: Failed, progress: 10/10, counts: {total: 10, succeeded: 8, failed: 2}, failures: [{index: 7, attempts: 1, statusCode: 422, reason: NonRetryable, message: refused}],
                 conditions: [{type: Succeeded, status: 'False', reason: ItemsFailed, lastTransitionTime: '2025-11-29T11:00:00Z', message: 2 of 10 items failed.}]}
                """);
    }

    @AfterEach
    void stop() {
        api.close();
        server.close();
    }

    private Said done(String... arguments) {
        Said said = plugin.run("", arguments);
        assertThat(said.code()).as(said.out() + said.errors()).isZero();
        return said;
    }

    private String annotation(String plural, String name, String key) {
        return api.get(plural, "shop", name)
                .at("/metadata/annotations")
                .path("taskqueue.dev/" + key)
                .asText("");
    }

    @Test
    void statusShowsQueuesWithWhatKeepsTheirTasks() {
        assertThat(done("status").out()).startsWith("""
                QUEUE        STATE    TASKS    DUE  IN FLIGHT      RATE LAST MIN  FAILED  OLDEST DUE   WHY
                held         Held         1      1     0/1000       500        0       0               held: Anna: [31mred line 'x', until 2025-11-29T18:00:00Z
                mail         Running     40     40     0/1000        20        0       0  22m58s ago   waits: 40 NoReadyEndpoint
                newsletter   Paused     297    297        0/2       0.5        0       0  23m4s ago    SpecPaused
                order-tasks  Running    127    124      10/10     1.1/2       91       3  5m11s ago    3 failed for good; all slots are busy
                4 queues, 455 Tasks wait, 10 in flight, 3 failed and kept

                NAME     QUEUE         STATE    REASON        DONE    FAILED
                """.stripTrailing());
        assertThat(done("status", "mail", "-A").out().lines().skip(1))
                .containsExactly(
                        "shop/mail  Running     40     40     0/1000        20        0       0  22m58s ago   waits: 40 NoReadyEndpoint",
                        "1 queue, 40 Tasks wait, 0 in flight, 0 failed and kept");
        assertThat(done("status", "held").out()).contains("\n1 queue, 1 Task waits, 0 in flight, 0 failed and kept");
        Said unknown = plugin.run("", "status", "nope");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.errors()).isEqualTo("There is no queue nope here.\n");
    }

    @Test
    void statusTellsTasksThatNoQueueCounts() {
        api.task("shop", "lost-1", "mial", "{state: Queued}");
        api.task("shop", "lost-2", "mial", "{state: Queued}");
        api.task("shop", "new", "mail", "{state: Pending}");
        assertThat(done("status").out())
                .contains("\n2 Tasks wait for the queue shop/mial, which does not exist: create it\n")
                .doesNotContain("No operator");
        plugin.at(Instant.now().plusSeconds(3_700));
        assertThat(done("status").out())
                .containsPattern(
                        "No operator has written about 1 Task, such as shop/new, created 1h1m ago: does one run");
        assertThat(done("status", "mail").out()).doesNotContain("mial");
    }

    @Test
    void whySaysWhatKeepsAQueueAndWhatItsFailedTasksHaveInCommon() {
        api.status("taskqueues", "shop", "order-tasks", """
                {conditions: [{type: Ready, status: 'True', reason: Ready, lastTransitionTime: '2025-11-29T11:00:00Z', message: fine},
                  {type: Blocked, status: 'True', reason: TargetNotFound, lastTransitionTime: '2025-11-29T11:00:00Z',
                   message: '2 Tasks wait. (see Troubleshooting, section TargetNotFound)'}]}
                """);
        api.status("tasks", "shop", "bad", """
                {lastAttempt: {number: 2, statusCode: 503, reason: Unavailable, message: "The \\"worker\\" answered 503."}}
                """);
        assertThat(done("why", "queue/order-tasks").out().lines().skip(1)).containsExactly("""
                order-tasks  Running    127    124      10/10     1.1/2       91       3  5m11s ago    3 failed for good; all slots are busy
                1 queue, 117 Tasks wait, 10 in flight, 3 failed and kept
                  TargetNotFound since 2025-11-29T11:00:00Z: 2 Tasks wait.
                  1 failed: answered 503, Unavailable, such as bad: The "worker" answered 503.
                  1 batch failed: ItemsFailed, such as batch/import
                """.split("\n"));
        assertThat(plugin.run("", "why", "queue/nope").code()).isEqualTo(1);
    }

    @Test
    void aHoldIsNotToldToBeAsOldAsThePauseBelowIt() {
        String paused =
                "[{type: Paused, status: 'True', reason: Held, lastTransitionTime: '2025-11-22T11:00:00Z', message: x}]";
        api.status("taskqueues", "shop", "held", "{conditions: " + paused + "}");
        assertThat(done("status", "held").out()).contains("held for 7d1h: Anna");
        api.patch("taskqueues", "shop", "held", "spec: {state: Paused}");
        assertThat(done("status", "held").out()).contains("held and stopped for 7d1h: Anna");
    }

    @Test
    void topBeginsWithTheBusiest() {
        assertThat(done("top").out().lines().skip(1)).first().asString().startsWith("order-tasks");
    }

    @Test
    void whySaysWhatATaskWaitsForAndHowItEnded() {
        assertThat(done("why", "mail-000").out().replaceAll("20..-..-..T..:..:..Z", "(time)              "))
                .isEqualTo("""
                        shop/mail-000  Queued  (queue mail)
                          NoReadyEndpoint: Service shop/mail-worker has no ready endpoint at port http (8080): start its Pods.
                          (time)                    created
                          POST http://mail-worker.shop.svc:8080/mail  (from the queue: serviceRef)
                          queue mail: Running
                        """);
        assertThat(done("why", "bad").out()).contains("""
                  2025-11-29T11:00:00Z      #1  503 Unavailable  The worker answered 503.
                  2025-11-29T11:00:04Z      #2  - DeadlineExceeded  No answer.
                  2025-11-29T11:00:05Z      ended
                """);
        assertThat(done("why", "batch/import").out())
                .contains("10/10 items have ended", "item 7  422 NonRetryable  refused");
        assertThat(plugin.run("", "why", "nope").code()).isEqualTo(1);
    }

    @Test
    void actionsChangeTheirObjects() {
        done("run-now", "mail-000");
        assertThat(annotation("tasks", "mail-000", "run-now")).startsWith("kubectl-2025");
        done("redrive", "bad", "batch/import");
        assertThat(annotation("tasks", "bad", "redrive")).startsWith("kubectl-2025");
        assertThat(annotation("taskbatches", "import", "redrive")).startsWith("kubectl-2025");
        assertThat(done("redrive", "-q", "order-tasks").out()).isEqualTo("""
                        3 failed Tasks and batches of order-tasks start again at its rate.
                        taskqueue.taskqueue.dev/order-tasks annotated
                        """);
        assertThat(annotation("taskqueues", "order-tasks", "redrive")).startsWith("kubectl-2025");
        done("hold", "mail", "it's", "Anna", "--until", "1h30m");
        assertThat(annotation("taskqueues", "mail", "hold")).isEqualTo("it's Anna");
        assertThat(annotation("taskqueues", "mail", "hold-until")).isEqualTo("2025-11-29T13:30:00Z");
        done("hold", "newsletter", "x");
        done("release", "mail", "newsletter");
        assertThat(annotation("taskqueues", "newsletter", "hold")).isEmpty();
        assertThat(annotation("taskqueues", "mail", "hold")).isEmpty();
        done("pause", "mail");
        assertThat(api.get("taskqueues", "shop", "mail").at("/spec/state").asText())
                .isEqualTo("Paused");
        done("resume", "mail");
        assertThat(api.get("taskqueues", "shop", "mail").at("/spec/state").asText())
                .isEqualTo("Running");
        done("cancel", "bad");
        assertThat(api.get("tasks", "shop", "bad").at("/code").asInt()).isEqualTo(404);
    }

    @Test
    void whatCannotBeUndoneAsks() {
        Said refused = plugin.run("no\n", "purge", "mail");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.out())
                .isEqualTo(
                        "All unfinished Tasks and batches of mail are deleted: 40 requests are open by the last count. It cannot be undone.\n");
        assertThat(refused.errors())
                .isEqualTo(
                        "The API server does not tell its time, so that of this machine counts: 2025-11-29T12:00:00Z.\nType mail to confirm: Nothing was done.\n");
        assertThat(api.get("taskqueues", "shop", "mail").at("/spec/purgeBefore").isMissingNode())
                .isTrue();
        assertThat(plugin.run("mail\n", "purge", "mail").code()).isZero();
        assertThat(api.get("taskqueues", "shop", "mail").at("/spec/purgeBefore").asText())
                .isEqualTo("2025-11-29T12:00:00Z");
        assertThat(plugin.run("", "cancel", "-l", "order=4711").code()).isEqualTo(1);
        assertThat(plugin.run("2\n", "cancel", "-l", "order=4711").out()).startsWith("2 Tasks with order=4711");
        assertThat(api.get("tasks", "shop", "mail-000").at("/code").asInt()).isEqualTo(404);
        assertThat(plugin.run("import\n", "cancel", "batch/import").code()).isZero();
        assertThat(annotation("taskbatches", "import", "cancel")).startsWith("by kubectl tq");
    }

    @Test
    void aBatchThatNeverBeganHasNoProgress() {
        api.status("taskbatches", "shop", "import", "{state: Failed, progress: 0/0}");
        assertThat(done("why", "batch/import").out()).doesNotContain("items have ended");
    }

    @Test
    void tailPrintsEachAttemptOnceAndNoneOfBefore() throws Exception {
        Path out = folder.resolve("tail");
        Process tail = plugin.start(out, "tail");
        try {
            eventually(() -> {
                api.status("tasks", "shop", "mail-000", """
                        {state: BackingOff, nextAttemptTime: '2025-11-29T12:00:09Z', lastAttempt: {number: 1, responseTime: '2025-11-29T12:00:01.392Z', statusCode: 422, reason: ClientError,
                         message: 'a "quoted" \\\\ {word}, [x]: y'}}
                        """);
                api.patch(
                        "tasks", "shop", "mail-000", "metadata: {annotations: {touched: '" + System.nanoTime() + "'}}");
                assertThat(PluginRun.text(out)).isNotEmpty();
            });
            assertThat(PluginRun.text(out))
                    .isEqualTo(
                            "2025-11-29T12:00:01.392Z mail                   mail-000                     #1   422 ClientError        BackingOff, next 12:00:09\n");
        } finally {
            tail.descendants().forEach(ProcessHandle::destroy);
            tail.destroy();
        }
    }

    @Test
    void theFilesOfTheConsoleLieBesideThePlugin() {
        assertThat(Files.isExecutable(PluginRun.PLUGIN)).isTrue();
        assertThat(PluginRun.PLUGIN.resolveSibling("kubectl-tq")).isSymbolicLink();
    }
}
