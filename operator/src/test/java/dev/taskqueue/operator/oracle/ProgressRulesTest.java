package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.SETTINGS;
import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProgressRulesTest {
    private static final String TARGET = "{'httpRequest': {'serviceRef': {'name': 'w', 'port': 'http'}}}";

    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    @Test
    void aDueTaskIsSent() {
        catches("Stuck", story -> waiting(story, "{'delay': '150s'}"), story -> waiting(story, "{'delay': '100s'}"));
    }

    private static void waiting(History story, String spec) {
        story.queue("q", "{}").task("t", spec).at(200);
    }

    @Test
    void nothingIsJudgedWhileAFaultLasts() {
        assertThat(broken(story ->
                        story.queue("q", "{}").task("t", "{}").fault("slow", "").at(200)))
                .isEmpty();
        assertThat(broken(story -> story.queue("q", "{}")
                        .task("t", "{}")
                        .fault("slow", "")
                        .at(100)
                        .faultEnds("slow")
                        .at(200)))
                .containsExactly("Stuck");
    }

    @Test
    void anObstacleIsAReasonToWait() {
        catches(
                "Stuck",
                story -> story.task("t", "{}").at(200),
                story -> story.queue("q", "{}").task("t", "{}").at(200));
        catches(
                "Stuck",
                story -> story.queue("q", "{'state': 'Paused'}").task("t", "{}").at(200),
                story ->
                        story.queue("q", "{'state': 'Running'}").task("t", "{}").at(200));
        catches("Stuck", story -> target(story, false, true), story -> target(story, true, true));
        catches("Stuck", story -> target(story, true, false), story -> target(story, true, true));
    }

    private static void target(History story, boolean service, boolean ready) {
        story.other("Service", service ? "w" : "another").endpoints("w", ready);
        story.queue("q", "{}").task("t", TARGET).at(200);
    }

    @Test
    void aMissingSecretIsAReasonToWait() {
        String spec =
                "{'httpRequest': {'serviceRef': {'name': 'w'}, 'bodyFrom': {'secretKeyRef': {'name': 's', 'key': 'k'}}}}";
        catches("Stuck", story -> secret(story, "another", spec), story -> secret(story, "s", spec));
    }

    private static void secret(History story, String name, String spec) {
        story.other("Service", "w").endpoints("w", true).other("Secret", name);
        story.queue("q", "{}").task("t", spec).at(200);
    }

    @Test
    void aRetryIsSentWhenItIsDue() {
        catches("Stuck", story -> backingOff(story, 150), story -> backingOff(story, 100));
    }

    private static void backingOff(History story, int seconds) {
        story.queue("q", "{'retry': {'minBackoff': '" + seconds + "s'}}").task("t", "{}");
        story.at(1).answer(story.send("a", "t", 1), 500).backOff("a", "t");
        String next = History.time(1 + seconds).toString();
        story.status("a", "t", "{'nextAttemptTime': '" + next + "'}").at(200);
    }

    @Test
    void aTaskExpiresAlsoWhileItsQueueIsPaused() {
        catches("NotExpired", story -> pausedFor(story, 150), story -> pausedFor(story, 100));
    }

    private static void pausedFor(History story, int seconds) {
        String expires = History.time(seconds).toString();
        story.queue("q", "{'state': 'Paused'}")
                .task("t", "{'expireTime': '" + expires + "'}")
                .at(200);
    }

    @Test
    void aStatusDoesNotNameAnObstacleThatIsGone() {
        catches(
                "WaitsForNothing",
                story -> named(story.task("t", "{}")),
                story -> named(story.queue("q", "{}").task("t", "{}")));
    }

    private static void named(History story) {
        String reason = "[{'type': 'Accepted', 'status': 'False', 'reason': 'QueueNotFound'}]";
        story.at(2).status("a", "t", "{'conditions': " + reason + "}").at(200);
    }

    @Test
    void theStatsAreRightInTheEnd() {
        catches("StatsWrong", story -> stats(story, 1), story -> stats(story, 0));
    }

    @Test
    void aFailedTaskThatLeavesMayCountOrNot() {
        catches("StatsWrong", story -> failed(story, "10s", 0), story -> failed(story, "1h", 0));
        assertThat(broken(story -> failed(story, "1h", 1))).isEmpty();
    }

    @Test
    void aBatchThatWasJustDeletedMayStillCount() {
        assertThat(broken(story -> deletedBatch(story, 190))).doesNotContain("StatsWrong");
        assertThat(broken(story -> deletedBatch(story, 20))).contains("StatsWrong");
    }

    private static void deletedBatch(History story, double deletedAt) {
        story.queue("q", "{}").at(5);
        ObjectNode batch = batchOfHundred();
        batch.putObject("status").put("state", "Failed").put("completionTime", "2026-11-20T08:00:05Z");
        story.fact(new Fact.Stored(story.time(), "people", Fact.Change.Created, "TaskBatch", batch))
                .queueStatus("a", "q", "{'stats': {'tasks': 0, 'failedRetained': 1}}")
                .at(deletedAt)
                .fact(new Fact.Stored(story.time(), "people", Fact.Change.Deleted, "TaskBatch", batch))
                .at(200);
    }

    private static ObjectNode batchOfHundred() {
        ObjectNode batch = JsonNodeFactory.instance.objectNode();
        batch.putObject("metadata").put("namespace", "shop").put("name", "b").put("uid", "b");
        batch.putObject("spec").put("count", 100).putObject("queueRef").put("name", "q");
        return batch;
    }

    private static void failed(History story, String retention, int counted) {
        story.queue("q", "{'retry': {'maxAttempts': 1}, 'retention': {'failed': '" + retention + "'}}")
                .task("t", "{}");
        long request = story.send("a", "t", 1);
        story.answer(request, 500).fail("a", "t").at(5);
        story.queueStatus("a", "q", "{'stats': {'tasks': 0, 'failedRetained': " + counted + "}}");
        story.at(70);
    }

    private static void stats(History story, int tasks) {
        story.queue("q", "{}").task("t", "{'delay': '1h'}").at(5);
        story.queueStatus("a", "q", "{'stats': {'tasks': " + tasks + "}}").at(200);
    }

    @Test
    void theStatsTellTheHourOfEachTaskThatWaitsForItsTime() {
        catches("StatsWrong", story -> hours(story, 1), story -> hours(story, 0));
    }

    private static void hours(History story, int later) {
        story.queue("q", "{}")
                .task("t", "{'delay': '1h'}")
                .task("u", "{'delay': '1h'}")
                .at(5);
        story.queueStatus(
                        "a",
                        "q",
                        "{'stats': {'tasks': 2, 'scheduled': 2, 'dueByHour': {'2026-11-21T10:00Z': 1}, 'dueLater': "
                                + later + "}}")
                .at(200);
    }

    @Test
    void somebodyLeads() {
        catches("NobodyLeads", story -> story.at(200), story -> story.silent().at(200));
    }

    @Test
    void ofRealProcessesNobodyLeadsIfNoneHasForTheQuietTime() {
        OracleSettings real = SETTINGS.withLate(Duration.ofMillis(500));
        assertThat(History.broken(real, story -> story.at(150).silent().at(200)))
                .isEmpty();
        assertThat(History.broken(real, story -> story.silent().at(200))).containsExactly("NobodyLeads");
        assertThat(broken(story -> story.at(150).silent().at(200))).containsExactly("NobodyLeads");
    }

    @Test
    void poolsAreEmptyAndMapsSmallAtTheEnd() {
        catches("PoolNotEmpty", story -> holds(story, "pool:slots", 0), story -> holds(story, "pool:slots", 1));
        catches("MapNotEmptied", story -> holds(story, "tasks", 60), story -> holds(story, "tasks", 80));
        catches("TextKept", story -> holds(story, "text:a", 20_000), story -> holds(story, "text:a", 100_000));
        catches("MapTooLarge", story -> holds(story, "tasks", 60), story -> holds(story, "tasks", 200));
    }

    /** What has become of items is kept as long as their batch. */
    @Test
    void failedItemsCountAsHeldByTheStore() {
        assertThat(broken(story -> failedItems(story, 150))).doesNotContain("MapNotEmptied");
        assertThat(broken(story -> failedItems(story, 190))).contains("MapNotEmptied");
    }

    private static void failedItems(History story, long size) {
        ObjectNode batch = batchOfHundred();
        batch.putObject("status").put("failed", "0-99");
        story.queue("q", "{}").fact(new Fact.Stored(story.time(), "people", Fact.Change.Created, "TaskBatch", batch));
        holds(story, "ItemStates.endedItems", size);
    }

    private static void holds(History story, String name, long size) {
        story.queue("q", "{}")
                .at(190)
                .fact(new Fact.Holds(story.time(), "a", Map.of(name, size)))
                .at(200);
    }

    @Test
    void aFaultOfOneNamespaceLeavesAnotherAlone() {
        catches("NeighbourDisturbed", story -> beside(story, 0.02), story -> beside(story, 0.8));
    }

    /** 300 Tasks 20 ms late without a fault, and 300 while another namespace has one. */
    private static void beside(History story, double late) {
        story.queue("q", "{'rateLimits': {'maxBurstSize': 500}}").at(100);
        for (int i = 0; i < 600; i++) {
            if (i == 300) {
                story.fault("refused", "other");
            }
            double start = 100 + i;
            story.at(start)
                    .task("t" + i, "{}")
                    .at(start + (i < 300 ? 0.02 : late))
                    .deliver("a", "t" + i);
        }
    }
}
