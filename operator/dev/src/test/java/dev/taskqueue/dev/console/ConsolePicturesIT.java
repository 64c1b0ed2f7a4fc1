package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.DevMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.OutputType;

/** Takes the pictures of the pages from a dev mode at work: {@code -Dconsole.pictures=write}. */
@Requires(Prerequisite.CHROMIUM)
@EnabledIfSystemProperty(named = "console.pictures", matches = "write")
class ConsolePicturesIT {
    private static final Path DOCS = Path.of("../../docs");
    private static final long LARGEST = 300 << 10;
    private static final String TARGET = "httpTarget: {serviceRef: {name: order-worker, port: http}}";

    @TempDir
    Path folder;

    @Test
    void thePicturesShowADevModeAtWork() throws Exception {
        Path said = folder.resolve("said");
        Process dev = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DevMain.class.getName(),
                        "--keep")
                .directory(Path.of("../..").toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            eventually(() -> assertThat(PluginRun.text(said)).contains("Stays up until Ctrl-C."));
            Matcher url =
                    Pattern.compile("Console: (http://[0-9.:]+)(/console/)").matcher(PluginRun.text(said));
            assertThat(url.find()).isTrue();
            try (var api = new TestingApi(url.group(1));
                    var browser = new ConsoleBrowser(url.group(1) + url.group(2))) {
                work(api);
                browser.size(1240, 800);
                browser.open("#/");
                eventually(() ->
                        assertThat(browser.text()).contains("40 wait: TargetNotFound", "failed for good", "Attempts"));
                eventually(() -> assertThat(browser.text()).doesNotContain("0 failed"));
                take(browser, "console.png");
            }
        } finally {
            dev.destroy();
        }
    }

    private static void take(ConsoleBrowser browser, String name) throws IOException {
        byte[] picture = browser.driver().getScreenshotAs(OutputType.BYTES);
        assertThat(picture.length).isLessThan((int) LARGEST);
        Files.write(DOCS.resolve(name), picture);
    }

    private static void work(TestingApi api) {
        for (String namespace : List.of("shop", "billing", "bulk", "media")) {
            api.namespace(namespace);
            worker(api, namespace);
        }
        queue(
                api,
                "shop",
                "mail",
                "{rateLimits: {maxDispatchesPerSecond: 20}, httpTarget: {serviceRef: {name: mail-worker, port: http}}}");
        queue(
                api,
                "shop",
                "order-tasks",
                "{rateLimits: {maxDispatchesPerSecond: 2, maxConcurrentDispatches: 10}, retry: {maxAttempts: 4, minBackoff: 2s}, throttling: Disabled, "
                        + TARGET + "}");
        queue(
                api,
                "shop",
                "newsletter",
                "{state: Paused, rateLimits: {maxDispatchesPerSecond: '0.5', maxConcurrentDispatches: 2}, " + TARGET
                        + "}");
        queue(api, "shop", "reminders", "{rateLimits: {maxDispatchesPerSecond: 26}, " + TARGET + "}");
        queue(
                api,
                "billing",
                "invoices",
                "{rateLimits: {maxDispatchesPerSecond: 40, maxConcurrentDispatches: 20}, retry: {maxAttempts: 2, minBackoff: 1s}, throttling: Disabled, "
                        + TARGET + "}");
        queue(api, "bulk", "import", "{rateLimits: {maxDispatchesPerSecond: 50}, " + TARGET + "}");
        queue(api, "media", "broken", "{deadLetter: {queueRef: {name: broken}}, " + TARGET + "}");
        queue(api, "billing", "statements", "{" + TARGET + "}");
        api.patch(
                "taskqueues",
                "billing",
                "statements",
                "metadata: {annotations: {taskqueue.dev/hold: 'Anna: moving the database', taskqueue.dev/hold-until: '%s'}}"
                        .formatted(Instant.now().plus(31, ChronoUnit.HOURS)));
        tasks(api, "shop", "mail", 40, "/mail");
        tasks(api, "shop", "order-tasks", 90, "/tasks/pack");
        tasks(api, "shop", "newsletter", 120, "/letter");
        tasks(api, "billing", "invoices", 24, "/tasks/loyalty-points");
        tasks(api, "billing", "statements", 65, "/statement");
        tasks(api, "bulk", "import", 200, "/row");
        var random = new Random(4);
        for (int number = 0; number < 150; number++) {
            Instant due =
                    Instant.now().plusSeconds(600 + random.nextInt(80_000)).truncatedTo(ChronoUnit.SECONDS);
            task(
                    api,
                    "shop",
                    "reminder-%04d".formatted(number),
                    "reminders",
                    "/remind",
                    "scheduleTime: '%s'".formatted(due));
        }
    }

    private static void queue(TestingApi api, String namespace, String name, String spec) {
        api.post(
                "/apis/taskqueue.dev/v1beta1/namespaces/" + namespace + "/taskqueues",
                "metadata: {name: %s}\nspec: %s".formatted(name, spec));
    }

    private static void tasks(TestingApi api, String namespace, String queue, int count, String path) {
        for (int number = 0; number < count; number++) {
            task(api, namespace, "%s-%03d".formatted(queue, number), queue, path, "delay: 0s");
        }
    }

    private static void task(TestingApi api, String namespace, String name, String queue, String path, String when) {
        api.post("/apis/taskqueue.dev/v1beta1/namespaces/" + namespace + "/tasks", """
                metadata: {name: %s}
                spec: {queueRef: {name: %s}, %s, httpRequest: {path: %s}}
                """.formatted(
                        name, queue, when, path));
    }

    /** Makes the worker of the samples known in another namespace. */
    private static void worker(TestingApi api, String namespace) {
        JsonNode service = api.read("/api/v1/namespaces/default/services/order-worker");
        api.post(
                "/api/v1/namespaces/" + namespace + "/services",
                "{metadata: {name: order-worker}, spec: %s}".formatted(service.path("spec")));
        for (JsonNode slice : api.read("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices")
                .path("items")) {
            if (slice.at("/metadata/labels").toString().contains("order-worker")) {
                var copy = Map.of(
                        "metadata",
                        Map.of("name", slice.at("/metadata/name").asText(), "labels", slice.at("/metadata/labels")),
                        "addressType",
                        slice.path("addressType"),
                        "endpoints",
                        slice.path("endpoints"),
                        "ports",
                        slice.path("ports"));
                api.post(
                        "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices",
                        new com.fasterxml.jackson.databind.ObjectMapper()
                                .valueToTree(copy)
                                .toString());
            }
        }
    }
}
