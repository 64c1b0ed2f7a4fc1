package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PromptRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    @Test
    void aDueTaskLeavesSoon() {
        catches("LateWithoutReason", story -> late(story, 101.5), story -> late(story, 103));
    }

    @Test
    void aFaultOfAnotherNamespaceIsNoReason() {
        catches(
                "LateWithoutReason",
                story -> late(story.fault("RefuseNamespace-1", "bank"), 101.5),
                story -> late(story.fault("RefuseNamespace-1", "bank"), 103));
    }

    /** A Task may wait for a Secret for up to half a minute after it was created. Nobody waited for those that were there before the first Task. */
    @Test
    void whatWasThereBeforeTheFirstTaskIsNoReason() {
        catches(
                "LateWithoutReason",
                story -> {
                    story.queue("q", "{}").task("other", "{}").at(1).deliver("a", "other");
                    story.at(15).other("Secret", "s").task("t", "{}").at(18).deliver("a", "t");
                },
                story -> {
                    story.other("Secret", "s").queue("q", "{}").at(15).task("t", "{}");
                    story.at(18).deliver("a", "t");
                });
    }

    @Test
    void longAfterAFaultItMayTakeLonger() {
        assertThat(broken(story -> {
                    story.queue("q", "{}").fault("HangReads-1", "shop").faultEnds("HangReads-1");
                    story.at(300).task("t", "{}").at(309).deliver("a", "t");
                }))
                .isEmpty();
    }

    private static void late(History story, double at) {
        story.queue("q", "{}").at(100).task("t", "{}").at(at).deliver("a", "t");
    }

    @Test
    void aRetryLeavesSoon() {
        catches("LateWithoutReason", story -> retried(story, 106.5), story -> retried(story, 130));
    }

    private static void retried(History story, double at) {
        story.queue("q", "{'throttling': 'Disabled', 'retry': {'minBackoff': '5s'}}")
                .at(100)
                .task("t", "{}");
        story.answer(story.send("a", "t", 1), 500).backOff("a", "t");
        story.at(at).deliver("a", "t", 2);
    }

    @Test
    void aFaultIsAReason() {
        assertThat(broken(story -> {
                    story.queue("q", "{}").at(100).task("t", "{}").fault("slow", "shop");
                    story.at(130).faultEnds("slow").at(131).deliver("a", "t");
                }))
                .isEmpty();
    }

    @Test
    void afterAnOutageOfTheApiServerNewTasksLeaveSoon() {
        catches("LateWithoutReason", story -> outage(story, 139), story -> outage(story, 142));
    }

    private static void outage(History story, double at) {
        story.queue("q", "{}").at(110).fault("RestartApiServer-1", "");
        story.at(120).faultEnds("RestartApiServer-1").at(130).task("t", "{}");
        story.at(at).deliver("a", "t");
    }

    @Test
    void afterAnotherFaultTheyMayTakeLonger() {
        assertThat(broken(story -> {
                    story.queue("q", "{}").at(100).fault("LagWatch-1", "").faultEnds("LagWatch-1");
                    story.fact(new Fact.FaultBegan(story.time(), "other", ""));
                    story.faultEnds("other");
                    outage(story, 142);
                }))
                .isEmpty();
    }

    /** A backlog at 1/s: the good operator sends one each second, the bad one each other second. */
    @Test
    void aBacklogGoesAtItsRate() {
        catches("RateNotReached", story -> backlog(story, 1), story -> backlog(story, 2));
    }

    private static void backlog(History story, double pause) {
        story.queue("q", "{'rateLimits': {'maxDispatchesPerSecond': 1, 'maxBurstSize': 1}}")
                .at(100);
        for (int i = 0; i < 30; i++) {
            story.task("t" + i, "{}");
        }
        for (int i = 0; i < 30; i++) {
            story.at(100 + i * pause).deliver("a", "t" + i);
        }
    }

    /** People have written the statuses of the first two, so nothing is judged by them. */
    @Test
    void aBacklogBeginsWithTheFirstTaskThatIsJudged() {
        assertThat(broken(story -> {
                    story.queue("q", "{}").at(100);
                    for (String task : List.of("first", "second", "third")) {
                        story.task(task, "{}");
                    }
                    story.state("people", "first", "Queued", "Queued").at(101).deliver("a", "first");
                    story.state("people", "second", "Queued", "Queued")
                            .at(101.2)
                            .deliver("a", "second");
                    story.at(101.5).deliver("a", "third");
                }))
                .isEmpty();
    }

    @Test
    void theOldestLeavesFirst() {
        catches("OutOfOrder", story -> order(story, false), story -> order(story, true));
    }

    private static void order(History story, boolean newestFirst) {
        story.queue("q", "{}").at(100).task("first", "{}");
        if (newestFirst) {
            for (String other : List.of("second", "third", "fourth")) {
                story.at(112).task(other, "{}").deliver("a", other);
            }
            story.at(113).deliver("a", "first");
        } else {
            story.at(101).deliver("a", "first").at(112).task("second", "{}").deliver("a", "second");
        }
    }
}
