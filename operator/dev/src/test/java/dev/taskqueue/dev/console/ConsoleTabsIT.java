package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.console.ConsoleGateway.Call;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.WindowType;

/** Several pages in one browser: those that nobody sees cost nothing. */
@Requires(Prerequisite.CHROMIUM)
class ConsoleTabsIT {
    @AutoClose
    private static ConsoleStage stage = new ConsoleStage();

    private static ConsoleBrowser browser = stage.browser();
    private static ConsoleGateway gateway = stage.gateway();

    @Test
    void aHiddenPageStopsItsWatchAndItsTimersAndGoesOnWhereItWas() {
        browser.open("#/queue/shop/mail");
        browser.waitFor("mail-3");
        eventually(() -> assertThat(gateway.openWatches()).isPositive());
        String page = browser.driver().getWindowHandle();
        browser.script("window.paintings = 0; new MutationObserver(() => window.paintings++)"
                + ".observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true})");
        browser.driver().switchTo().newWindow(WindowType.TAB);

        // The gateway notices that nobody reads a watch any more when it has something to tell.
        var changes = new AtomicInteger();
        eventually(() -> {
            touch("mail", changes.incrementAndGet());
            assertThat(gateway.openWatches()).isZero();
        });
        int before = gateway.calls().size();
        stage.api().queue("shop", "away", "{}", "{state: Running}");
        stage.api().status("taskqueues", "shop", "mail", "{state: Paused, stats: {tasks: 9, queued: 9, scheduled: 0}}");
        browser.driver().switchTo().window(page);
        browser.script("return 0");
        assertThat(gateway.calls().subList(before, gateway.calls().size()).stream()
                        .filter(call -> call.method().equals("GET") && !call.isWatch())
                        .filter(call -> call.path().endsWith("/taskqueues")))
                .as("lists of queues after it was hidden")
                .isEmpty();
        eventually(() -> assertThat(browser.text("h1 + .chip")).isEqualTo("Paused"));
        assertThat(gateway.calls().subList(before, gateway.calls().size()).stream()
                        .filter(Call::isWatch))
                .as("watches that go on from a version")
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.query()).containsPattern("resourceVersion=\\d+"));
        stage.api().delete("taskqueues", "shop", "away");
        stage.api()
                .status(
                        "taskqueues",
                        "shop",
                        "mail",
                        "{state: Running, stats: {tasks: 6, queued: 4, scheduled: 1, waiting: {NoReadyEndpoint: 4}}}");
    }

    @Test
    void theSeventhPageOfOneBrowserHasItsRowsToo() {
        String first = browser.driver().getWindowHandle();
        var pages = new ArrayList<String>();
        for (int number = 0; number < 7; number++) {
            browser.driver().switchTo().newWindow(WindowType.TAB);
            pages.add(browser.driver().getWindowHandle());
            browser.open("#/");
            browser.waitFor("newsletter");
        }
        for (String page : pages) {
            browser.driver().switchTo().window(page);
            eventually(() -> assertThat(browser.text(".live")).isEqualTo("Live"));
            browser.waitFor("newsletter");
            browser.driver().close();
        }
        browser.driver().switchTo().window(first);
    }

    private static void touch(String queue, int number) {
        stage.api().patch("taskqueues", "shop", queue, "metadata: {annotations: {touched: '" + number + "'}}");
    }
}
