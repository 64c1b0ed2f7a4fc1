package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.console.ConsoleGateway.Refusal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.WebElement;

/** Does everything once that the console can do, and looks at the object afterwards. */
@Requires(Prerequisite.CHROMIUM)
class ConsoleActionsIT {
    @AutoClose
    private static ConsoleStage stage = new ConsoleStage();

    private static ConsoleBrowser browser = stage.browser();

    @AfterEach
    void allowEverything() {
        stage.gateway().refuseNothing();
    }

    private static void open(String route, String words) {
        browser.open(route);
        browser.waitFor(words);
    }

    private static JsonNode queue(String name) {
        return stage.api().get("taskqueues", "shop", name);
    }

    private static String annotation(JsonNode object, String name) {
        return object.at("/metadata/annotations").path("taskqueue.dev/" + name).asText("");
    }

    @Test
    void aQueueIsPausedAndResumed() {
        stage.api().queue("shop", "pausing", "{}", "{state: Running, stats: {tasks: 0}}");
        open("#/queue/shop/pausing", "pausing");
        browser.dialog("Pause …");
        assertThat(browser.text("dialog")).contains("A deploy of the queue’s manifest undoes a pause");
        browser.confirm();
        assertThat(queue("pausing").at("/spec/state").asText()).isEqualTo("Paused");
        browser.dialog("Resume …");
        browser.confirm();
        assertThat(queue("pausing").at("/spec/state").asText()).isEqualTo("Running");
    }

    @Test
    void aHoldNeedsWordsAndIsReleased() {
        stage.api().queue("shop", "holding", "{}", "{state: Running, stats: {tasks: 0}}");
        open("#/queue/shop/holding", "holding");
        browser.dialog("Hold …");
        assertThat(browser.all("dialog .confirm").getFirst().isEnabled()).isFalse();
        browser.type("dialog input", "Anna: it's moving");
        assertThat(browser.text("dialog pre")).contains("'taskqueue.dev/hold=Anna: it'\\''s moving'");
        browser.confirm();
        assertThat(annotation(queue("holding"), "hold")).isEqualTo("Anna: it's moving");
        assertThat(annotation(queue("holding"), "hold-until")).matches("20[-0-9]+T[0-9:]+Z");
        browser.dialog("Release …");
        browser.confirm();
        assertThat(annotation(queue("holding"), "hold")).isEmpty();
        assertThat(stage.gateway().calls()).anyMatch(call -> call.query().contains("fieldManager=hold"));
    }

    @Test
    void whatFailedInAQueueIsRedriven() {
        open("#/queue/shop/mail", "What Tasks wait for");
        browser.dialog("Redrive failed …");
        assertThat(browser.text("dialog"))
                .contains("2 failed Tasks and batches")
                .contains("may be done twice");
        browser.confirm();
        assertThat(annotation(queue("mail"), "redrive")).startsWith("console-20");
    }

    @Test
    void aPurgeNeedsTheNameOfTheQueue() {
        stage.api().queue("shop", "purging", "{}", "{state: Running, stats: {tasks: 7, queued: 7}}");
        open("#/queue/shop/purging", "purging");
        browser.dialog("Purge …");
        assertThat(browser.text("dialog"))
                .contains("All unfinished Tasks and batches of purging are deleted: 7 requests are open");
        browser.type("dialog input", "purgin");
        assertThat(browser.all("dialog .confirm").getFirst().isEnabled()).isFalse();
        browser.type("dialog input", "g");
        browser.confirm();
        assertThat(queue("purging").at("/spec/purgeBefore").asText()).startsWith("20");
    }

    @Test
    void aTaskIsRunRedrivenAndDeleted() {
        stage.api().task("shop", "single", "mail", "{state: Queued}");
        open("#/task/shop/single", "Story");
        browser.dialog("Run now …");
        browser.confirm();
        JsonNode task = stage.api().get("tasks", "shop", "single");
        assertThat(annotation(task, "run-now")).startsWith("console-20");

        stage.api().status("tasks", "shop", "single", "{state: Failed, completionTime: '2026-11-20T08:00:05Z'}");
        eventually(() -> assertThat(browser.text("h1 + .chip")).isEqualTo("Failed"));
        browser.dialog("Redrive …");
        browser.confirm();
        task = stage.api().get("tasks", "shop", "single");
        assertThat(annotation(task, "redrive")).startsWith("console-20");

        browser.dialog("Delete …");
        browser.confirm();
        browser.waitFor("No such Task.");
        String uid = task.at("/metadata/uid").asText();
        assertThat(stage.gateway().calls().stream().filter(call -> call.method().equals("DELETE")))
                .allSatisfy(call -> assertThat(call.query()).doesNotContain("dryRun"))
                .anySatisfy(call -> assertThat(call.body()).contains(uid));
    }

    @Test
    void chosenTasksAreDeletedAfterTheirNumberIsTyped() {
        stage.api().queue("shop", "choosing", "{}", "{state: Running, stats: {tasks: 6}}");
        for (int number = 0; number < 6; number++) {
            stage.api().task("shop", "chosen-" + number, "choosing", "{state: Queued}");
        }
        open("#/queue/shop/choosing?state=Queued", "chosen-5");
        for (WebElement box : browser.all("td.box input").subList(0, 5)) {
            box.click();
        }
        browser.waitFor("5 Tasks chosen");
        browser.click(".selection", "Delete …");
        browser.type("dialog input", "5");
        browser.confirm();
        assertThat(stage.api().get("tasks", "shop", "chosen-0").at("/code").asInt())
                .isEqualTo(404);
        assertThat(stage.api()
                        .get("tasks", "shop", "chosen-5")
                        .at("/metadata/name")
                        .asText())
                .isEqualTo("chosen-5");
        eventually(() -> assertThat(browser.all("td.box input")).hasSize(1));
    }

    @Test
    void chosenTasksAreRedrivenAndRefusalsAreTold() {
        stage.gateway()
                .refuse(call -> call.path().endsWith("/bad-2") && call.method().equals("PATCH")
                        ? Optional.of(Refusal.of(403, "Forbidden", "a policy denies it"))
                        : Optional.empty());
        open("#/queue/shop/mail?state=Failed", "bad-2");
        browser.all("th.box input").getFirst().click();
        browser.click(".selection", "Redrive …");
        eventually(() -> assertThat(browser.text("dialog .dry")).isEqualTo("The server would take it."));
        browser.all("dialog .confirm").getFirst().click();
        eventually(
                () -> assertThat(browser.text("dialog .dry")).contains("1 object done", "bad-2: a policy denies it"));
        browser.escape();
        assertThat(annotation(stage.api().get("tasks", "shop", "bad-1"), "redrive"))
                .startsWith("console-20");
    }

    @Test
    void aBatchIsRedrivenHeldAndCancelled() {
        open("#/batch/shop/import", "Failed items");
        browser.dialog("Redrive …");
        assertThat(browser.text("dialog")).contains("3 failed or skipped items");
        browser.confirm();
        assertThat(annotation(stage.api().get("taskbatches", "shop", "import"), "redrive"))
                .startsWith("console-20");

        open("#/batch/shop/export", "each cell is one of them");
        browser.dialog("Run now …");
        browser.confirm();
        browser.dialog("Hold …");
        browser.type("dialog input", "wait");
        browser.confirm();
        JsonNode batch = stage.api().get("taskbatches", "shop", "export");
        assertThat(annotation(batch, "hold")).isEqualTo("wait");
        assertThat(annotation(batch, "run-now")).startsWith("console-20");
        browser.dialog("Release …");
        browser.confirm();
        browser.dialog("Cancel …");
        browser.type("dialog input[name=why]", "wrong prices");
        browser.type("dialog input[name=typed]", "export");
        browser.confirm();
        batch = stage.api().get("taskbatches", "shop", "export");
        assertThat(annotation(batch, "hold")).isEmpty();
        assertThat(annotation(batch, "cancel")).isEqualTo("wrong prices");
    }

    @Test
    void whatTheServerWouldRefuseIsShownBeforeAnybodyConfirms() {
        stage.gateway()
                .refuse(call -> call.isDry()
                        ? Optional.of(Refusal.of(
                                403,
                                "Forbidden",
                                "ValidatingAdmissionPolicy 'operations' denied request: ask the on-call"))
                        : Optional.empty());
        open("#/queue/shop/calm", "calm");
        browser.dialog("Pause …");
        eventually(() -> assertThat(browser.text("dialog .dry")).contains("denied request: ask the on-call"));
        assertThat(browser.all("dialog .confirm").getFirst().isEnabled()).isFalse();
        browser.escape();
        assertThat(queue("calm").at("/spec/state").asText("Running")).isEqualTo("Running");
    }

    @Test
    void withoutTheRightAButtonSaysWhyAndStaysReachable() {
        stage.gateway()
                .refuse(call -> call.path().endsWith("selfsubjectaccessreviews")
                                && call.body().contains("taskqueues")
                        ? Optional.of(new Refusal(201, "{\"status\": {\"allowed\": false}}"))
                        : Optional.empty());
        open("#/queue/shop/calm", "calm");
        eventually(() -> assertThat(browser.all(".head .buttons button[aria-disabled=true]"))
                .hasSize(4));
        WebElement pause = browser.all(".head .buttons button").get(1);
        String words = "You may not patch taskqueues in namespace shop.";
        assertThat(pause.getDomAttribute("title")).isEqualTo(words);
        assertThat(pause.isEnabled()).isTrue();
        pause.click();
        eventually(() -> assertThat(browser.text("#told")).isEqualTo(words));
        assertThat(browser.all("dialog[open]")).isEmpty();
    }

    @Test
    void reviewsThatCannotBeAskedLeaveTheDecisionToTheServer() {
        stage.gateway()
                .refuse(call -> call.path().endsWith("selfsubjectaccessreviews")
                        ? Optional.of(Refusal.of(404, "NotFound", "no such path"))
                        : Optional.empty());
        open("#/queue/shop/calm", "calm");
        browser.dialog("Pause …");
        assertThat(browser.text("dialog h2")).isEqualTo("Pause calm");
        browser.escape();
    }

    @Test
    void patchesAreMergePatchesOfTheConsoleAndNothingElseIsWritten() {
        open("#/queue/shop/calm", "calm");
        assertThat(stage.gateway().calls())
                .allSatisfy(call -> assertThat(call.method()).isIn(List.of("GET", "PATCH", "DELETE", "POST")));
        assertThat(stage.gateway().calls().stream().filter(call -> call.method().equals("POST")))
                .allSatisfy(call ->
                        assertThat(call.path()).isEqualTo("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"));
    }
}
