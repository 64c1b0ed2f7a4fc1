package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LimitRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    private static History queue(History story, String limits, int tasks) {
        story.queue("q", "{'rateLimits': " + limits + "}");
        for (int i = 0; i < tasks; i++) {
            story.task("t" + i, "{}");
        }
        return story;
    }

    @Test
    void noMoreInFlightThanAllowed() {
        catches("TooManyInFlight", story -> inFlight(story, 2), story -> inFlight(story, 3));
    }

    private static void inFlight(History story, int requests) {
        queue(story, "{'maxConcurrentDispatches': 2}", requests);
        long[] ids = new long[requests];
        for (int i = 0; i < requests; i++) {
            ids[i] = story.at(1 + i).send("a", "t" + i, 1);
        }
        for (int i = 0; i < requests; i++) {
            story.answer(ids[i], 200).succeed("a", "t" + i);
        }
    }

    @Test
    void aRunNowMayExceedTheLimit() {
        assertThat(broken(story -> {
                    queue(story, "{'maxConcurrentDispatches': 1}", 2);
                    long first = story.at(1).send("a", "t0", 1);
                    story.annotate("Task", "t1", "run-now", "x").deliver("a", "t1");
                    story.answer(first, 200).succeed("a", "t0");
                }))
                .isEmpty();
    }

    @Test
    void theSlotOfADeletedTaskIsTakenUntilItsAnswer() {
        catches("TooManyInFlight", story -> deletedInFlight(story, true), story -> deletedInFlight(story, false));
    }

    private static void deletedInFlight(History story, boolean answered) {
        queue(story, "{'maxConcurrentDispatches': 1}", 2);
        long first = story.at(1).send("a", "t0", 1);
        story.at(2).delete("people", "t0");
        if (answered) {
            story.at(3).answer(first, 200);
        }
        story.at(4).deliver("a", "t1");
    }

    @Test
    void aNewQueueHasTheBucketOfTheDeletedOneAsWell() {
        catches("RateExceeded", story -> createdAgain(story, 6), story -> createdAgain(story, 7));
    }

    private static void createdAgain(History story, int requests) {
        queue(story, "{'maxDispatchesPerSecond': 1, 'maxBurstSize': 3}", requests);
        story.at(1).delete("people", "TaskQueue", "shop/q");
        story.queue("q", "{'rateLimits': {'maxDispatchesPerSecond': 1, 'maxBurstSize': 3}}");
        for (int i = 0; i < requests; i++) {
            story.deliver("a", "t" + i);
        }
    }

    @Test
    void requestsOfALostLeaderCountOnlyIfTheyAreClaimed() {
        catches("TooManyInFlight", story -> failOver(story, false), story -> failOver(story, true));
    }

    private static void failOver(History story, boolean claimed) {
        queue(story, "{'maxConcurrentDispatches': 1}", 2).start("b");
        story.at(1).send("a", "t0", 1);
        if (claimed) {
            story.at(2).status("a", "t0", "{'claim': {'attempt': 1, 'deadline': '2026-11-20T08:10:00Z'}}");
        }
        story.crash("a").at(17).lead("b").at(18).deliver("b", "t1");
        if (!claimed) {
            story.deliver("b", "t0");
        }
    }

    @Test
    void aLowerLimitIsInForceOnceItIsAcknowledged() {
        catches("TooManyInFlight", story -> lowered(story, 1), story -> lowered(story, 2));
    }

    private static void lowered(History story, int observed) {
        queue(story, "{'maxConcurrentDispatches': 2}", 2);
        long first = story.at(1).send("a", "t0", 1);
        story.queue("q", "{'rateLimits': {'maxConcurrentDispatches': 1}}");
        story.queueStatus("a", "q", "{'observedGeneration': " + observed + "}");
        story.at(2).deliver("a", "t1").answer(first, 200).succeed("a", "t0");
    }

    /** A purge deletes a Task whose request goes on: its slot is free when the sender gives the request up. */
    @Test
    void theRequestOfADeletedTaskCountsUntilItsDeadline() {
        catches("TooManyInFlight", story -> deleted(story, 10.98), story -> deleted(story, 10.8));
    }

    private static void deleted(History story, double next) {
        story.queue("q", "{'rateLimits': {'maxConcurrentDispatches': 1}, 'purgeBefore': '2026-11-20T08:00:02Z'}");
        story.task("t0", "{'dispatchDeadline': '10s'}").at(1).send("a", "t0", 1);
        story.at(2).delete("a", "t0").task("t1", "{}").at(next).deliver("a", "t1");
    }

    @Test
    void noFasterThanTheRate() {
        catches("RateExceeded", story -> burst(story, 3, 0), story -> burst(story, 4, 0));
        catches("RateExceeded", story -> burst(story, 6, 1), story -> burst(story, 6, 0.3));
    }

    private static void burst(History story, int requests, double pause) {
        queue(story, "{'maxDispatchesPerSecond': 1, 'maxBurstSize': 3}", requests);
        for (int i = 0; i < requests; i++) {
            story.at(1 + i * pause).deliver("a", "t" + i);
        }
    }

    @Test
    void tokensOfTheEarlierRateAreKept() {
        catches("RateExceeded", story -> slowedDown(story, 9), story -> slowedDown(story, 12));
    }

    /** Five requests empty the bucket. Within 0.4 s at 10/s it has four tokens again. */
    private static void slowedDown(History story, int requests) {
        queue(story, "{'maxDispatchesPerSecond': 10, 'maxBurstSize': 5}", requests)
                .queueStatus("a", "q", "{'observedGeneration': 1}");
        story.at(1);
        for (int i = 0; i < 5; i++) {
            story.deliver("a", "t" + i);
        }
        story.at(1.4).queue("q", "{'rateLimits': {'maxDispatchesPerSecond': 1, 'maxBurstSize': 5}}");
        story.queueStatus("a", "q", "{'observedGeneration': 2}").at(1.6);
        for (int i = 5; i < requests; i++) {
            story.deliver("a", "t" + i);
        }
    }

    @Test
    void theBucketIsEmptyAfterAFailOver() {
        catches("BurstAfterFailOver", story -> failOver(story, 22.0), story -> failOver(story, 17.5));
    }

    private static void failOver(History story, double at) {
        queue(story, "{'maxDispatchesPerSecond': 1, 'maxBurstSize': 5}", 4).start("b");
        story.queueStatus("a", "q", "{'observedGeneration': 1, 'state': 'Running'}");
        story.at(10).crash("a").at(17).lead("b");
        for (int i = 0; i < 4; i++) {
            story.at(at).deliver("b", "t" + i);
        }
    }

    @Test
    void throttlingOnlySlows() {
        catches("EnforcedAboveRate", story -> enforced(story, "10"), story -> enforced(story, "11"));
        catches("ThrottledBeyondFloor", story -> enforced(story, "100m"), story -> enforced(story, "0.05"));
    }

    private static void enforced(History story, String rate) {
        queue(story, "{'maxDispatchesPerSecond': 10}", 0);
        story.queueStatus("a", "q", "{'stats': {'enforcedDispatchesPerSecond': '" + rate + "'}}");
    }

    @Test
    void disabledThrottlingDoesNotSlow() {
        catches(
                "ThrottledThoughDisabled",
                story -> story.queue("q", "{}"),
                story -> story.queue("q", "{'throttling': 'Disabled'}")
                        .queueStatus("a", "q", "{'stats': {'enforcedDispatchesPerSecond': '70'}}"));
    }
}
