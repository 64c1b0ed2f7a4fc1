package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.DevMain;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.OutputType;

/**
 * Takes pictures of the pages from a dev mode at work: {@code -Dconsole.pictures=write}. Those of the docs go there, and each page in each width and
 * theme goes to {@code target/console-pictures}, to be looked at.
 */
@Requires(Prerequisite.CHROMIUM)
@EnabledIfSystemProperty(named = "console.pictures", matches = "write")
class ConsolePicturesIT {
    private static final Path DOCS = Path.of("../../docs");
    private static final Path ALL = Path.of("target/console-pictures");
    private static final long LARGEST = 300 << 10;
    private static final int WIDTH = 1240;
    private static final List<Integer> WIDTHS = List.of(360, 800, WIDTH, 1920);

    @TempDir
    Path folder;

    @Test
    void thePicturesShowADevModeAtWork() throws Exception {
        Path said = folder.resolve("said");
        try (var shop = new PicturedShop()) {
            Process dev = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            DevMain.class.getName(),
                            "--keep",
                            "--forward",
                            "order-worker=" + shop.workerUrl())
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
                    shop.open(api);
                    pages(browser);
                }
            } finally {
                dev.destroy();
            }
        }
    }

    private static void pages(ConsoleBrowser browser) throws IOException {
        browser.size(WIDTH, 800);
        browser.open("#/");
        eventually(() ->
                assertThat(browser.text()).contains("40 wait: TargetNotFound", "84 failed for good", "of 25 back off"));
        take(browser, "console", "#/", "light", "Next due");
        take(browser, "console-failed", "#/queue/billing/invoices?state=Failed", "light", "answered 422");
        take(browser, "console-task", "#/task/billing/invoices-000", "light", "Attempt 3");
        take(browser, "console-batch", "#/batch/bulk/price-list", "light", "answered 422");
        take(browser, "console-queue", "#/queue/shop/reminders", "dark", "Due from now on", "reminder-0007");
        look(browser, "paused", "#/queue/shop/newsletter", "newsletter-001");
        look(browser, "waits", "#/queue/shop/mail", "What Tasks wait for");
        look(browser, "throttled", "#/queue/billing/partner?state=BackingOff", "answered 503");
        look(browser, "batches", "#/batches", "price-list");
        look(browser, "help", "#/help/TargetNotFound", "TargetNotFound");
    }

    @Test
    void oneQueueAndAThousandOfThem() throws Exception {
        try (var server = EmbeddedApiServer.start(0, InstantSource.system());
                var api = new TestingApi(server.url());
                var gateway = new ConsoleGateway(server.url());
                var browser = new ConsoleBrowser(gateway.console())) {
            browser.size(WIDTH, 800);
            browser.open("#/");
            look(browser, "none", "#/", "No queues here");
            api.namespace("shop");
            api.queue("shop", "mail", "{}", "{state: Running, stats: {tasks: 0}}");
            look(browser, "one", "#/", "shop/mail");
            look(browser, "one-queue", "#/queue/shop/mail", "No Tasks here");
            look(browser, "missing", "#/task/shop/nothing", "nothing");
            for (int i = 0; i < 1_000; i++) {
                int due = i % 7 == 0 ? 3 + i % 50 : 0;
                api.queue("shop", "tenant-%04d".formatted(i), "{}", """
                        {state: Running, stats: {tasks: %d, queued: %d, scheduled: %d, executedLastMinute: %d, failedRetained: %d%s}}
                        """.formatted(
                        due + i % 90,
                        due,
                        i % 90,
                        i % 13 * 7,
                        i % 97 == 0 ? i : 0,
                        due == 0 ? "" : ", oldestDueTime: '" + Instant.now().minusSeconds(i * i % 9_000) + "'"));
            }
            look(browser, "thousand", "#/", "1,001", "150 of 1,001");
        }
    }

    /** Takes a picture for the docs, and all others of the page. */
    private static void take(ConsoleBrowser browser, String name, String route, String theme, String... words)
            throws IOException {
        browser.go(route);
        browser.theme(theme);
        eventually(() -> assertThat(browser.text()).contains(words));
        // A busy machine makes the API server slow, which the header tells.
        eventually(() -> assertThat(browser.text("header .live")).isEqualTo("Live"));
        picture(browser, DOCS.resolve(name + ".png"));
        look(browser, name, route, words);
    }

    /** Takes pictures of a page in all widths and both themes. */
    private static void look(ConsoleBrowser browser, String name, String route, String... words) throws IOException {
        browser.go(route);
        eventually(() -> assertThat(browser.text()).contains(words));
        Files.createDirectories(ALL);
        for (int width : WIDTHS) {
            String theme = width == 800 || width == 1920 ? "dark" : "light";
            browser.theme(theme);
            browser.size(width, width < WIDTH ? 1_400 : 1_000);
            eventually(() -> assertThat(browser.text()).contains(words));
            assertThat((Long) browser.script("return document.documentElement.scrollWidth"))
                    .as("width of %s at %d", route, width)
                    .isLessThanOrEqualTo(width);
            picture(browser, ALL.resolve("%s-%d-%s.png".formatted(name, width, theme)));
        }
        browser.theme("light");
        browser.size(WIDTH, 800);
    }

    private static void picture(ConsoleBrowser browser, Path file) throws IOException {
        byte[] picture = browser.driver().getScreenshotAs(OutputType.BYTES);
        assertThat(picture.length).isLessThan((int) LARGEST);
        Files.write(file, picture);
    }
}
