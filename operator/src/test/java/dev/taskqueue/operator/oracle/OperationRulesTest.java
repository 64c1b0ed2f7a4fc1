package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OperationRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    private static History failed(History story) {
        story.queue("q", "{'retry': {'maxAttempts': 1}}").task("t", "{}").at(1);
        return story.answer(story.send("a", "t", 1), 500).fail("a", "t").at(2);
    }

    private static History again(History story, int round, String value) {
        String changed = "{'round': {'number': " + round + ", 'attempts': 0}, 'lastHandledRedrive': '" + value + "'";
        story.status("a", "t", changed + ", 'state': 'Queued', 'conditions': [], 'completionTime': null}");
        return story.deliver("a", "t", 1);
    }

    @Test
    void aRedriveStartsOneRound() {
        catches(
                "RedriveUnasked",
                story -> again(failed(story).annotate("Task", "t", "redrive", "1"), 2, "1"),
                story -> {
                    failed(story).annotate("Task", "t", "redrive", "1").answer(story.send("a", "t", 1), 500);
                    story.status("a", "t", "{'round': {'number': 2, 'attempts': 0}, 'lastHandledRedrive': '1'}")
                            .fail("a", "t");
                    again(story, 3, "1");
                });
    }

    @Test
    void nothingStartsARoundUnasked() {
        catches(
                "RedriveUnasked",
                story -> again(failed(story).annotate("TaskQueue", "q", "redrive", "x"), 2, ""),
                story -> again(failed(story), 2, ""));
    }

    @Test
    void aStatusNamesTheOrdersThatItsWriterHasSeen() {
        catches(
                "OrderNotRecorded",
                story -> ordered(story, "run-now", "{}"),
                story -> ordered(story, "run-now", "{'lastHandledRunNow': 'the one before'}"));
        catches(
                "OrderNotRecorded",
                story -> ordered(story, "redrive", "{}"),
                story -> ordered(story, "redrive", "{'lastHandledRedrive': null}"));
    }

    /** A redrive does nothing here, because the Task has not failed; its value counts as handled all the same. */
    private static void ordered(History story, String order, String mended) {
        story.queue("q", "{}").task("t", "{}").at(1).annotate("Task", "t", order, "x");
        story.at(2).answer(story.send("a", "t", 1), 200).mend(mended).succeed("a", "t");
    }

    /** A leader that does not know yet that the queue was deleted goes on with its redrive. */
    @Test
    void theOrderOfADeletedQueueIsOverOnceTheNewOneIsServed() {
        catches("RedriveUnasked", story -> createdAgain(story, 50), story -> createdAgain(story, 100));
    }

    /** What was decided by the order of the deleted queue may be written later still, if the API server is slow. */
    @Test
    void theOrderOfADeletedQueueMayWaitForItsWrite() {
        assertThat(broken(story -> {
                    story.fault("SlowApiServer", "").at(1);
                    createdAgain(story, 100);
                }))
                .doesNotContain("RedriveUnasked");
    }

    private static void createdAgain(History story, double redriven) {
        failed(story).annotate("TaskQueue", "q", "redrive", "x");
        story.at(9).delete("people", "TaskQueue", "shop/q");
        story.queue("q", "{}").queueStatus("a", "q", "{'observedGeneration': 1, 'state': 'Running'}");
        again(story.at(redriven), 2, "");
    }

    @Test
    void onlyFailedTasksAreRedriven() {
        assertThat(broken(story -> {
                    story.queue("q", "{}")
                            .task("t", "{}")
                            .annotate("Task", "t", "redrive", "1")
                            .at(1);
                    again(story, 2, "1");
                }))
                .contains("RedriveUnasked");
    }

    @Test
    void roundsGoOnOneByOne() {
        assertThat(broken(story -> again(failed(story).annotate("Task", "t", "redrive", "1"), 3, "1")))
                .contains("RoundSkipped");
        assertThat(broken(story -> {
                    again(failed(story).annotate("Task", "t", "redrive", "1"), 2, "1");
                    story.status("a", "t", "{'round': null}");
                }))
                .contains("RoundFell");
    }

    @Test
    void aRedriveIsActedOn() {
        catches(
                "RedriveNotDone",
                story -> again(failed(story).annotate("Task", "t", "redrive", "1"), 2, "1")
                        .at(200),
                story -> failed(story).annotate("Task", "t", "redrive", "1").at(200));
    }

    @Test
    void aTaskIsNotCollectedInsteadOfRedriven() {
        catches(
                "RedriveLost",
                story -> failed(story).annotate("Task", "t", "redrive", "1").delete("people", "t"),
                story -> failed(story)
                        .annotate("Task", "t", "redrive", "1")
                        .at(60)
                        .sent(60)
                        .delete("a", "t"));
    }

    /** The value that counts is the last one. */
    @Test
    void aValueThatWasReplacedCountsForNothing() {
        assertThat(broken(story -> again(
                                failed(story)
                                        .annotate("Task", "t", "redrive", "0")
                                        .annotate("Task", "t", "redrive", "1"),
                                2,
                                "1")
                        .at(200)))
                .isEmpty();
    }

    /** The Task has started again since the value was set, so that has what it asked for. */
    @Test
    void anOrderOfTheQueueMayComeBeforeTheValueOfTheTask() {
        assertThat(broken(story -> {
                    failed(story).annotate("Task", "t", "redrive", "1").annotate("TaskQueue", "q", "redrive", "x");
                    story.at(12)
                            .status(
                                    "a",
                                    "t",
                                    "{'round': {'number': 2, 'attempts': 0}, 'state': 'Queued', 'conditions': [], 'completionTime': null}");
                    long request = story.at(13).send("a", "t", 1);
                    story.answer(request, 500)
                            .mend("{'lastHandledRedrive': '1'}")
                            .fail("a", "t")
                            .at(200);
                }))
                .doesNotContain("RedriveNotDone");
    }

    @Test
    void theRedriveOfAQueueEnds() {
        catches(
                "QueueRedriveNotDone",
                story -> queueRedrive(story, true, true),
                story -> queueRedrive(story, true, false));
    }

    @Test
    void theRedriveOfAQueueMissesNone() {
        catches(
                "QueueRedriveMissed",
                story -> queueRedrive(story, true, true),
                story -> queueRedrive(story, false, true));
    }

    private static void queueRedrive(History story, boolean redriven, boolean completes) {
        failed(story).at(10).annotate("TaskQueue", "q", "redrive", "x");
        if (redriven) {
            again(story.at(11), 2, "");
        }
        String end = completes ? ", 'completionTime': '2026-11-20T08:00:20Z'" : "";
        story.at(20)
                .queueStatus("a", "q", "{'redrive': {'value': 'x'" + end + "}}")
                .at(200);
    }

    @Test
    void aRunNowIsActedOn() {
        catches("RunNowNotDone", story -> runNow(story, true), story -> runNow(story, false));
    }

    @Test
    void aLongValueIsNotedAsItsHash() {
        assertThat(Annotations.noted(History.json("{'a': '" + "x".repeat(256) + "'}"), "a"))
                .isEqualTo("x".repeat(256));
        assertThat(Annotations.noted(History.json("{'a': '" + "x".repeat(257) + "'}"), "a"))
                .startsWith("sha256:")
                .hasSize("sha256:".length() + 64);
    }

    private static void runNow(History story, boolean runs) {
        story.queue("q", "{}").task("t", "{'delay': '1h'}").at(1).annotate("Task", "t", "run-now", "1");
        if (runs) {
            story.deliver("a", "t");
        }
        story.at(200);
    }

    @Test
    void aRunNowActsOnce() {
        catches("RetriedEarly", story -> runNow(story, true), story -> {
            story.queue("q", "{'retry': {'minBackoff': '1h'}}")
                    .task("t", "{'delay': '1h'}")
                    .at(1);
            story.annotate("Task", "t", "run-now", "1")
                    .answer(story.send("a", "t", 1), 500)
                    .backOff("a", "t");
            story.at(2).send("a", "t", 2);
        });
    }

    @Test
    void aPurgeDeletesAllThatWasCreatedBefore() {
        catches("PurgeMissed", story -> purge(story, 6, true), story -> purge(story, 5, true));
        catches("PurgeNotDone", story -> purge(story, 6, true), story -> purge(story, 6, false));
    }

    private static void purge(History story, double created, boolean completes) {
        story.queue("q", "{'purgeBefore': '2026-11-20T08:00:06Z'}").at(created).task("t", "{'delay': '1h'}");
        String end = completes ? ", 'completionTime': '2026-11-20T08:00:08Z'" : "";
        String cutoff = "{'value': '2026-11-20T08:00:06Z', 'cutoffTime': '2026-11-20T08:00:06Z'" + end + "}";
        story.at(8).queueStatus("a", "q", "{'purge': " + cutoff + "}").at(200);
    }

    @Test
    void theCutoffIsNotInTheFuture() {
        catches("PurgeCutoffLate", story -> cutoff(story, "08:00:07"), story -> cutoff(story, "08:00:17"));
    }

    private static void cutoff(History story, String time) {
        story.queue("q", "{'purgeBefore': '2036-11-20T08:00:06Z'}").at(7);
        String purge = "{'value': '2036-11-20T08:00:06Z', 'cutoffTime': '2026-11-20T" + time + "Z'}";
        story.queueStatus("a", "q", "{'purge': " + purge + "}");
    }
}
