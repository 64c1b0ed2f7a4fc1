package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RetentionRulesTest {
    private static final String MARK = "{'annotations': {'meta.helm.sh/release-name': 'shop'}}";
    private static final String NOTE =
            "{\"specHash\": \"1\", \"state\": \"Succeeded\", \"time\": \"2026-11-20T08:00:01Z\"}";

    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    @Test
    void aFinishedTaskStays() {
        catches("DeletedEarly", story -> collected(story, 111), story -> collected(story, 109));
    }

    private static void collected(History story, double at) {
        story.queue("q", "{'retention': {'succeeded': '100s'}}")
                .task("t", "{}")
                .at(10)
                .deliver("a", "t");
        story.at(at).delete("a", "t");
    }

    /** A process reckons an end that it finds with its wall clock once, whatever somebody sets the clock to later. */
    @Test
    void whoFindsAFinishedTaskReckonsWithTheClockOfThatTime() {
        catches("DeletedEarly", story -> foundWithClockAhead(story, 70), story -> foundWithClockAhead(story, 30));
    }

    private static void foundWithClockAhead(History story, double deleted) {
        story.queue("q", "{'retention': {'succeeded': '100s'}}")
                .task("t", "{}")
                .at(2)
                .deliver("a", "t");
        story.start("b").fact(new Fact.ClockSet(History.time(2.1), "b", Duration.ofSeconds(40)));
        story.at(3).fact(new Fact.ClockSet(History.time(3), "b", Duration.ZERO));
        story.at(deleted).lead("b").delete("b", "t");
    }

    @Test
    void itsOwnTimeCountsMore() {
        catches("DeletedEarly", story -> own(story, 15), story -> own(story, 12));
    }

    private static void own(History story, double at) {
        story.queue("q", "{}").task("t", "{'ttlAfterFinished': '4s'}").at(10).deliver("a", "t");
        story.at(at).delete("a", "t");
    }

    @Test
    void theOldestGoEarlierWhenThereAreTooMany() {
        catches("DeletedEarly", story -> many(story, 1), story -> many(story, 2));
    }

    private static void many(History story, int most) {
        story.queue("q", "{'retention': {'maxSucceeded': " + most + "}}")
                .task("t", "{}")
                .task("u", "{}");
        story.at(1).deliver("a", "t").deliver("a", "u").at(2).delete("a", "t");
    }

    @Test
    void anUnfinishedTaskIsNotDeleted() {
        catches(
                "DeletedUnfinished",
                story -> story.queue("q", "{}").task("t", "{}").at(1).delete("people", "t"),
                story -> story.queue("q", "{}").task("t", "{}").at(1).delete("a", "t"));
    }

    @Test
    void butByAPurge() {
        catches("DeletedUnfinished", story -> purged(story, 5), story -> purged(story, 6));
    }

    private static void purged(History story, double created) {
        story.at(created).queue("q", "{'purgeBefore': '2026-11-20T08:00:06Z'}").task("t", "{}");
        story.at(10).delete("a", "t");
    }

    @Test
    void aPurgeInTheFutureDeletesWhatWasThereWhenItWasSeen() {
        catches("DeletedUnfinished", story -> futurePurge(story, 5), story -> futurePurge(story, 8));
    }

    private static void futurePurge(History story, double created) {
        story.queue("q", "{'purgeBefore': '2036-11-20T08:00:00Z'}")
                .at(Math.min(created, 7))
                .task("t", "{}");
        String cutoff = "'cutoffTime': '2026-11-20T08:00:07Z'";
        story.at(7).queueStatus("a", "q", "{'purge': {'value': '2036-11-20T08:00:00Z', " + cutoff + "}}");
        if (created > 7) {
            story.at(created).task("u", "{}");
        }
        story.at(10).delete("a", "t");
        if (created > 7) {
            story.delete("a", "u");
        }
    }

    @Test
    void withARetentionOfZeroTheDeleteIsTheEnd() {
        assertThat(broken(story -> {
                    story.queue("q", "{'retention': {'succeeded': '0s'}}").task("t", "{}");
                    story.at(1).answer(story.send("a", "t", 1), 200).delete("a", "t");
                }))
                .isEmpty();
        assertThat(broken(story -> {
                    story.queue("q", "{'retention': {'succeeded': '0s'}}").task("t", "{}");
                    story.at(1).answer(story.send("a", "t", 1), 500).delete("a", "t");
                }))
                .contains("DeletedUnfinished");
    }

    @Test
    void whatGitKeepsStays() {
        catches(
                "TrackedCollected",
                story -> tracked(story, "{'ttlAfterFinished': '1s'}"),
                story -> tracked(story, "{}"));
    }

    private static void tracked(History story, String spec) {
        story.queue("q", "{'retention': {'succeeded': '1s'}}").task("people", "shop", "t", spec, MARK);
        story.at(1)
                .annotate("Task", "t", "completed", NOTE)
                .deliver("a", "t")
                .at(5)
                .delete("a", "t");
    }

    @Test
    void whatGitKeepsIsMarkedBeforeItsEnd() {
        catches("EndWithoutMark", story -> marked(story, true), story -> marked(story, false));
    }

    private static void marked(History story, boolean mark) {
        story.queue("q", "{}").task("people", "shop", "t", "{}", MARK).at(1);
        long request = story.send("a", "t", 1);
        if (mark) {
            story.annotate("Task", "t", "completed", NOTE);
        }
        story.answer(request, 200).succeed("a", "t");
    }

    @Test
    void aRestoredTaskThatWasCompletedDoesNotRun() {
        catches("CompletedSentAgain", story -> restored(story, "{}", false), story -> restored(story, "{}", true));
    }

    @Test
    void aRestoredTaskWithAnotherSpecRuns() {
        String other = "{'dispatchDeadline': '7s'}";
        catches("NewTaskNotRun", story -> restored(story, other, true), story -> restored(story, other, false));
    }

    private static void restored(History story, String spec, boolean runs) {
        marked(story, true);
        String noted = MARK.substring(0, MARK.length() - 2) + ", 'taskqueue.dev/completed': '"
                + NOTE.replace("\"", "\\\"") + "'}}";
        story.at(5).delete("people", "t").at(10).task("people", "shop", "t", spec, noted);
        if (runs) {
            story.deliver("a", "t");
        } else {
            story.state("a", "t", "Succeeded", "AlreadyCompleted");
        }
    }

    @Test
    void afterItsTimeAFinishedTaskGoes() {
        catches("NotCollected", story -> left(story, 150), story -> left(story, 200));
    }

    private static void left(History story, double end) {
        story.queue("q", "{'retention': {'succeeded': '100s'}}")
                .task("t", "{}")
                .at(10)
                .deliver("a", "t")
                .at(end);
    }
}
