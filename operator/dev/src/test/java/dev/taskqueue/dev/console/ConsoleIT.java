package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.selenium.AxeBuilder;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.console.ConsoleGateway.Call;
import dev.taskqueue.dev.console.ConsoleGateway.Refusal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** Looks at the console when all goes well and when it does not: rights, lost watches, hostile values, keys, themes, narrow screens. */
@Requires(Prerequisite.CHROMIUM)
class ConsoleIT {
    /** Every page, with words that it shows once it is read. */
    private static final List<List<String>> PAGES = List.of(
            List.of("#/", "newsletter"),
            List.of("#/queue/shop/mail", "mail-3"),
            List.of("#/queue/shop/mail?state=Failed", "answered 422"),
            List.of("#/queue/shop/newsletter", "Paused"),
            List.of("#/task/shop/bad-1", "Attempt 2"),
            List.of("#/batch/shop/import", "Failed items"),
            List.of("#/batches", "export"),
            List.of("#/help", "Keys"));

    @AutoClose
    private static ConsoleStage stage = new ConsoleStage();

    private static ConsoleBrowser browser = stage.browser();
    private static ConsoleGateway gateway = stage.gateway();

    @BeforeEach
    void forgetComplaints() {
        browser.complaints();
    }

    @AfterEach
    void allowEverything() {
        gateway.refuseNothing();
        browser.size(1240, 900);
    }

    private static void open(String route, String words) {
        browser.open(route);
        browser.waitFor(words);
    }

    /** Goes on to a page in the loaded document. */
    private static void visit(List<String> page) {
        browser.go(page.get(0));
        browser.waitFor(page.get(1));
    }

    private static String status() {
        return browser.text(".live");
    }

    @Test
    void everyPageComesFromOneOriginAndComplainsOfNothing() {
        open("#/", "newsletter");
        for (List<String> page : PAGES) {
            visit(page);
            assertThat(
                            (Boolean)
                                    browser.script(
                                            "return performance.getEntriesByType('resource').every(each => each.name.startsWith(location.origin + '/'))"))
                    .as(page.get(0))
                    .isTrue();
        }
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void everyListHasALimitAndTasksComeAsRowsWithoutTheirBodies() {
        open("#/", "newsletter");
        for (List<String> page : PAGES) {
            visit(page);
        }
        assertThat(gateway.calls().stream().filter(Call::isList))
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.query()).contains("limit="));
        assertThat(gateway.calls().stream()
                        .filter(Call::isList)
                        .filter(call -> call.path().endsWith("/tasks"))
                        .filter(call -> !call.query().contains("metadata.name")))
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.query()).containsPattern("includeObject=(None|Metadata)"));
    }

    @Test
    void theHoursOfTheStatusAreShownWithoutAListForThem() {
        open("#/queue/shop/mail", "Due from now on");
        assertThat(browser.text()).contains("3 Tasks, 1 of them later");
        assertThat(gateway.calls().stream().filter(Call::isList))
                .noneMatch(call -> call.query().contains("mail") && call.query().contains("BackingOff"));
    }

    @Test
    void theWorstQueueComesFirstAndAChangeIsShownAtOnce() {
        open("#/", "newsletter");
        assertThat(browser.all("tbody tr td.name").stream().map(cell -> cell.getText()))
                .startsWith("billing/broken", "shop/mail");
        stage.api().queue("shop", "fresh", "{}", "{state: Running, stats: {tasks: 1}}");
        browser.waitFor("fresh");
        stage.api().delete("taskqueues", "shop", "fresh");
        eventually(() -> assertThat(browser.text()).doesNotContain("fresh"));
        browser.type(".search", "NoReady");
        eventually(() -> assertThat(browser.all("tbody tr")).hasSize(1));
    }

    @Test
    void tasksThatNoRowCountsAreTold() {
        stage.api().task("shop", "lost", "mial", "{state: Queued}");
        open("#/?ns=shop", "1 Task names a queue that does not exist: shop/mial.");
        browser.click("header", "☾");
        checkAccessible("a note");
        browser.click("header", "☀");
        stage.api().delete("tasks", "shop", "lost");
    }

    @Test
    void aTaskIsFoundByItsNameAlone() {
        open("#/", "newsletter");
        browser.type(".search", "later" + Keys.ENTER);
        browser.waitFor("Story");
        assertThat(browser.driver().getCurrentUrl()).endsWith("#/task/shop/later");
        open("#/", "newsletter");
        browser.type(".search", "never-was" + Keys.ENTER);
        eventually(() -> assertThat(browser.text("#told")).contains("No Task is called never-was"));
    }

    @Test
    void nothingIsCutOffOnAScreenOfMiddleWidth() {
        for (int width : List.of(720, 1_000, 1_090)) {
            browser.size(width, 800);
            open("#/", "newsletter");
            for (List<String> page : PAGES) {
                visit(page);
                assertThat(
                                (Boolean)
                                        browser.script(
                                                "return [...document.querySelectorAll('.table')].every((table) => table.scrollWidth <= table.clientWidth)"))
                        .as(width + " " + page.get(0))
                        .isTrue();
            }
        }
    }

    @Test
    void hostileValuesAreText() {
        open("#/", "newsletter");
        for (String route :
                List.of("#/", "#/queue/billing/broken", "#/task/shop/bad-1", "#/queue/shop/mail?label=%3Cb%3Ex")) {
            browser.go(route);
            eventually(() -> assertThat(status()).isEqualTo("Live"));
            eventually(() -> assertThat(browser.all(".loading")).isEmpty());
            assertThat(browser.all("main img, main script, main b b")).isEmpty();
        }
        browser.go("#/queue/billing/broken");
        browser.waitFor("<img src=x onerror=alert(1)><script>alert(2)</script>");
        browser.go("#/task/shop/bad-1");
        browser.waitFor("<b>snippet</b>");
    }

    @Test
    void theBodyOfATaskIsShownAfterAClickOnly() {
        open("#/task/shop/mail-1", "Request");
        assertThat(browser.text()).contains("11 bytes").doesNotContain("secret body");
        browser.click(".request", "show");
        browser.waitFor("secret body");
    }

    @Test
    void aLostWatchKeepsItsRowsAndGoesOnWithoutANewList() {
        open("#/", "newsletter");
        eventually(() -> assertThat(status()).isEqualTo("Live"));
        long lists = listsOfQueues();
        gateway.refuse(call -> Optional.of(new Refusal(502, "<html>bad gateway</html>")));
        gateway.breakWatches();
        eventually(() -> assertThat(status()).startsWith("Lost, trying again; as of"));
        assertThat(browser.text()).contains("newsletter");
        gateway.refuseNothing();
        stage.api().queue("shop", "after-the-loss", "{}", "{state: Running}");
        browser.waitFor("after-the-loss");
        assertThat(status()).isEqualTo("Live");
        assertThat(listsOfQueues()).isEqualTo(lists);
        stage.api().delete("taskqueues", "shop", "after-the-loss");
    }

    /** The overview also lists a few Tasks now and then. */
    private long listsOfQueues() {
        return gateway.calls().stream()
                .filter(call -> call.isList() && call.path().endsWith("/taskqueues"))
                .count();
    }

    @Test
    void aVersionThatIsTooOldIsListedAnew() {
        stage.api().queue("shop", "goes", "{}", "{state: Running}");
        open("#/", "goes");
        gateway.refuse(call -> call.isWatch() ? Optional.of(Refusal.of(410, "Expired", "too old")) : Optional.empty());
        gateway.breakWatches();
        stage.api().delete("taskqueues", "shop", "goes");
        eventually(() -> assertThat(browser.text("table")).doesNotContain("goes"));
        assertThat(browser.text()).contains("newsletter");
    }

    @Test
    void whoMayNotListAllNamespacesNamesOne() {
        gateway.refuse(call -> call.path().equals("/apis/taskqueue.dev/v1beta1/taskqueues")
                ? Optional.of(Refusal.of(403, "Forbidden", "cannot list resource taskqueues at the cluster scope"))
                : Optional.empty());
        open("#/", "Which namespace?");
        browser.type("input[name=namespace]", "shop");
        browser.click(".ask", "Show");
        browser.waitFor("newsletter");
        assertThat(browser.text()).doesNotContain("broken");
    }

    @Test
    void aLoginThatHasEndedIsTold() {
        gateway.refuse(call -> Optional.of(new Refusal(401, "")));
        open("#/", "Your login has ended: start it again.");
    }

    @Test
    void aNextPageThatIsTooOldBeginsAgain() {
        stage.api().queue("shop", "long", "{}", "{state: Running, stats: {tasks: 120}}");
        for (int number = 100; number < 220; number++) {
            stage.api().task("shop", "long-" + number, "long", "{state: Queued}");
        }
        open("#/queue/shop/long", "long-199");
        assertThat(browser.text()).contains("100 Tasks by name, 20 more.").doesNotContain("long-200");
        gateway.refuse(call -> call.query().contains("continue=")
                ? Optional.of(Refusal.of(410, "Expired", "too old"))
                : Optional.empty());
        browser.click(".more", "100 more");
        eventually(() -> assertThat(browser.text(".more")).contains("100 Tasks by name"));
        gateway.refuseNothing();
        browser.click(".more", "100 more");
        browser.waitFor("long-219");
    }

    @Test
    void aNameOrALabelFindsTasks() {
        open("#/queue/shop/mail", "mail-3");
        browser.type(".search", "mail-2" + Keys.ENTER);
        eventually(() -> assertThat(browser.all("tbody tr")).hasSize(1));
        browser.go("#/queue/shop/mail?label=order=4712");
        browser.waitFor("No Task fits");
        browser.go("#/queue/shop/mail?label=((");
        browser.waitFor("The server’s words");
    }

    @Test
    void keysLeadThroughThePage() {
        open("#/", "newsletter");
        browser.press("/");
        eventually(() -> assertThat(browser.driver().switchTo().activeElement().getDomAttribute("type"))
                .isEqualTo("search"));
        browser.escape();
        browser.press("j");
        browser.press("j");
        assertThat(browser.driver().switchTo().activeElement().getText()).isEqualTo("shop/mail");
        browser.press(Keys.ENTER);
        browser.waitFor("What Tasks wait for");
        browser.press("u");
        browser.waitFor("newsletter");
        Object before = browser.script("return document.querySelector('header button.icon').textContent");
        browser.press("t");
        assertThat(browser.script("return document.querySelector('header button.icon').textContent"))
                .isNotEqualTo(before);
        browser.press("?");
        browser.waitFor("Reasons, and what to do");
    }

    @Test
    void nothingScrollsSidewaysOnANarrowScreen() {
        browser.size(360, 740);
        open("#/", "newsletter");
        for (List<String> page : PAGES) {
            visit(page);
            assertThat((Boolean) browser.script("return document.documentElement.scrollWidth <= innerWidth"))
                    .as(page.get(0))
                    .isTrue();
        }
    }

    @Test
    void everyPageIsAccessibleInBothThemes() {
        for (String theme : List.of("light", "dark")) {
            open("#/", "newsletter");
            browser.theme(theme);
            for (List<String> page : PAGES) {
                visit(page);
                checkAccessible(theme + " " + page.get(0));
            }
            visit(PAGES.get(1));
            browser.dialog("Purge …");
            checkAccessible(theme + " dialog");
            browser.escape();
        }
    }

    private static void checkAccessible(String where) {
        Results results = new AxeBuilder()
                .withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"))
                .analyze(browser.driver());
        assertThat(results.getViolations().stream()
                        .map(rule -> rule.getId() + ": "
                                + rule.getNodes().stream()
                                        .map(node -> node.getHtml() + " " + node.getFailureSummary())
                                        .limit(3)
                                        .toList()))
                .as(where)
                .isEmpty();
    }

    @Test
    void thePrefixOfThePluginIsTakenOutOfTheAddress() {
        String prefix = "/k-" + "0a".repeat(16) + "/";
        browser.open("#api=" + prefix + "&ns=shop");
        eventually(
                () -> assertThat(gateway.calls()).anyMatch(call -> call.path().startsWith(prefix)));
        assertThat(browser.driver().getCurrentUrl()).doesNotContain("k-0a");
        browser.script("sessionStorage.clear()");
    }
}
