package dev.taskqueue.dev.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Looks at batches that failed, in their queue and on their own page. */
@Requires(Prerequisite.CHROMIUM)
class ConsoleBatchIT {
    private static ConsoleStage stage;
    private static ConsoleBrowser browser;

    @BeforeAll
    static void start() {
        stage = new ConsoleStage();
        browser = stage.browser();
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @Test
    void batchesThatFailedAreToldWhereNoTaskHas() {
        stage.api().queue("shop", "bulk", "{}", "{state: Running, stats: {tasks: 0, failedRetained: 1}}");
        stage.api().batch("shop", "unreadable", "bulk", "{state: Failed, completionTime: '2026-11-20T08:01:00Z'}");
        browser.open("#/queue/shop/bulk?state=Failed");
        browser.waitFor("No Task has failed, but 1 batch has.");
        browser.open("#/queue/shop/mail?state=Failed");
        browser.waitFor("And 1 batch that failed.");
    }

    @Test
    void aBatchThatNeverBeganIsNotToldToBegin() {
        stage.api().post("/apis/taskqueue.dev/v1beta1/namespaces/shop/taskbatches", """
                        metadata: {name: wrong-lines}
                        spec: {queueRef: {name: calm}, template: {httpRequest: {path: /x}}, lines: "1\\n"}
                        """);
        stage.api().status("taskbatches", "shop", "wrong-lines", "{state: Failed, progress: 0/0}");
        browser.open("#/batch/shop/wrong-lines");
        browser.waitFor("POST /x of the queue’s Service");
        assertThat(browser.text())
                .contains("nothing was sent", "it never began")
                .doesNotContain("not counted yet");
    }
}
