package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.console.PluginRun.Shell;
import dev.taskqueue.dev.console.RealApiServer.Stored;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens every page with 1,000 queues and many Tasks in one of them, through the plugin's proxy on a real API server, and counts requests and bytes.
 * {@code -Dconsole.tasks=100000} makes as many Tasks as the console is made for. What a page costs must not depend on their number.
 */
@Requires({Prerequisite.CHROMIUM, Prerequisite.CONTROL_PLANE})
class ConsoleScaleIT {
    private static final int QUEUES = 1_000;
    private static final int TASKS = Integer.getInteger("console.tasks", 10_000);
    private static final int FAILED = 150;
    private static final Path REPORT = Path.of("target/console-scale.txt");
    private static final long MOST_REQUESTS = 25;
    private static final long MOST_OF_OVERVIEW = 2 << 20;
    private static final long MOST_OF_OTHERS = 1 << 20;

    /** URL and size of each answer that came as a whole; a watch goes on. */
    private static final String ANSWERS = """
            return performance.getEntriesByType('resource').filter((each) => each.name.includes('/apis/')).map((each) => `${each.transferSize} ${each.name}`)
            """;

    @TempDir
    Path folder;

    private final StringBuilder report = new StringBuilder();

    @Test
    void aPageCostsFewRequestsAndBytesHoweverManyTasksThereAre() throws IOException {
        try (var server = new RealApiServer()) {
            seed(server);
            try (var plugin = new PluginConsole(
                            new PluginRun(folder.resolve("run"), Shell.SYSTEM, CrossSiteIT.inShop(server.kubeconfig())),
                            folder.resolve("console"));
                    var browser = new ConsoleBrowser(plugin.origin() + "/console/")) {
                browser.open(plugin.handover());
                shows(browser, "150 of 1,001");
                count(browser, "overview", MOST_OF_OVERVIEW);
                clickMore(browser);
                shows(browser, "300 of 1,001");
                browser.type(".search", "tenant-0777");
                rows(browser, 1);
                count(browser, "150 more, and a filter", 1 << 16);

                visit(browser, "#/queue/shop/big", "Due from now on", "a queue");
                visit(browser, "#/queue/shop/big?state=Failed", "150 answered 500", "its failed Tasks");
                clickMore(browser);
                rows(browser, FAILED);
                count(browser, "the next page", MOST_OF_OTHERS);
                visit(browser, "#/queue/shop/big?state=BackingOff", "None of these now", "a state without Tasks");
                visit(browser, "#/queue/shop/big?name=task-000777", "1 Task by name", "a Task by its name");
                visit(browser, "#/task/shop/task-000777", "Story", "a Task");
                visit(browser, "#/batches", "No batches here", "batches");
                // An API server that was filled a moment ago may be too busy. Then the page asks again, and the browser
                // notes the answer.
                assertThat(browser.complaints())
                        .filteredOn(complaint -> !complaint.contains("status of 429"))
                        .isEmpty();
            }
        } finally {
            Files.createDirectories(REPORT.getParent());
            Files.writeString(REPORT, report);
        }
    }

    private void visit(ConsoleBrowser browser, String route, String words, String what) {
        browser.go(route);
        shows(browser, words);
        count(browser, what, MOST_OF_OTHERS);
    }

    /** Waits for words. The driver itself takes seconds for the text of so many rows, so the page is asked. */
    private static void shows(ConsoleBrowser browser, String words) {
        eventually(() -> assertThat((String) browser.script("return document.querySelector('main').textContent"))
                .contains(words));
    }

    private static void rows(ConsoleBrowser browser, int count) {
        eventually(() -> assertThat((Long) browser.script("return document.querySelectorAll('tbody tr').length"))
                .isEqualTo(count));
    }

    private static void clickMore(ConsoleBrowser browser) {
        browser.script("document.querySelector('.more button').click()");
    }

    /** Counts what came since the last call. */
    private void count(ConsoleBrowser browser, String what, long mostBytes) {
        var answers = (List<?>) Objects.requireNonNull(browser.script(ANSWERS));
        browser.script("performance.clearResourceTimings()");
        long bytes = 0;
        for (Object answer : answers) {
            String[] parts = answer.toString().split(" ", 2);
            bytes += Long.parseLong(parts[0]);
            String url = URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
            if (url.matches(".*/(taskqueues|tasks|taskbatches)(\\?.*)?") && !url.contains("watch=1")) {
                assertThat(url).as(what).containsPattern("[?&]limit=(\\d{1,2}|[1-4]\\d\\d|500)(&|$)");
            }
        }
        report.append("%-26s %3d requests %9d bytes%n".formatted(what, answers.size(), bytes));
        assertThat(answers.size()).as(what).isLessThanOrEqualTo((int) MOST_REQUESTS);
        assertThat(bytes).as(what).isLessThanOrEqualTo(mostBytes);
    }

    private static void seed(RealApiServer server) {
        server.seed(QUEUES, ConsoleScaleIT::tenant);
        server.seed(
                1,
                number -> Stored.of("taskqueues", "TaskQueue", "shop", "big", "{}", """
                        {"state": "Running", "stats": {"tasks": %d, "scheduled": %d, "failedRetained": %d, "dueByHour": {"2099-01-01T00:00Z": %d}, "dueLater": 0}}
                        """.formatted(
                                TASKS - FAILED, TASKS - FAILED, FAILED, TASKS - FAILED)));
        server.seed(TASKS, ConsoleScaleIT::task);
        // A kind that nobody has asked for yet is answered with 429 until the API server has read it.
        for (String kind : List.of("taskqueues", "tasks", "taskbatches")) {
            eventually(
                    () -> assertThat(server.kubectl("get", "--raw", "/apis/taskqueue.dev/v1beta1/" + kind + "?limit=1"))
                            .contains("\"items\""));
        }
    }

    private static Stored tenant(int number) {
        return Stored.of(
                "taskqueues",
                "TaskQueue",
                "tenant-" + number % 20,
                "tenant-%04d".formatted(number),
                "{\"rateLimits\": {\"maxDispatchesPerSecond\": 20}}",
                """
                {"state": "Running", "reason": "Ready", "observedGeneration": 1, "stats": {"tasks": %d, "queued": 1, "executedLastMinute": 12},
                 "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "The settings are in force.", "lastTransitionTime": "2026-11-20T08:00:00Z"}]}
                """.formatted(number));
    }

    private static Stored task(int number) {
        String status =
                number % Math.max(1, TASKS / FAILED) == 0 && number / Math.max(1, TASKS / FAILED) < FAILED ? """
                {"state": "Failed", "completionTime": "2026-11-20T08:01:00Z", "dispatchCount": 4, "lastAttempt": {"number": 4, "statusCode": 500, "reason": "ServerError"},
                 "conditions": [{"type": "Succeeded", "status": "False", "reason": "RetriesExhausted", "message": "Given up.", "lastTransitionTime": "2026-11-20T08:00:00Z"}]}
                """ : """
                {"state": "Scheduled", "nextAttemptTime": "2099-01-01T00:00:00Z",
                 "conditions": [{"type": "Succeeded", "status": "Unknown", "reason": "Scheduled", "message": "Due later.", "lastTransitionTime": "2026-11-20T08:00:00Z"}]}
                """;
        String spec = """
                {"queueRef": {"name": "big"}, "scheduleTime": "2099-01-01T00:00:00Z", "httpRequest": {"serviceRef": {"name": "worker"}, "body": "%s"}}
                """.formatted("x".repeat(500));
        return Stored.of("tasks", "Task", "shop", "task-%06d".formatted(number), spec, status);
    }
}
