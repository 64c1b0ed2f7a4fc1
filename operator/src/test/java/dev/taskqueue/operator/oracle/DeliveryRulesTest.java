package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Each rule catches a bad history and lets a good one beside it pass. */
class DeliveryRulesTest {
    /** Threads of real processes wait for a processor. */
    private static final OracleSettings REAL = History.SETTINGS.withLate(Duration.ofMillis(500));

    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    @Test
    void notBeforeItsScheduleTime() {
        catches("DispatchedEarly", story -> scheduled(story, 10.0), story -> scheduled(story, 9.999));
    }

    private static void scheduled(History story, double at) {
        story.queue("q", "{}").task("t", "{'scheduleTime': '2026-11-20T08:00:10Z'}");
        story.at(at).deliver("a", "t");
    }

    @Test
    void notBeforeItsDelayIsOver() {
        catches("DispatchedEarly", story -> delayed(story, 10.7), story -> delayed(story, 10.5));
    }

    private static void delayed(History story, double at) {
        story.at(0.7).queue("q", "{}").task("t", "{'delay': '10s'}");
        story.at(at).deliver("a", "t");
    }

    @Test
    void theClockOfTheSenderDecides() {
        catches("DispatchedEarly", story -> ahead(story, 10), story -> ahead(story, 8));
    }

    private static void ahead(History story, int seconds) {
        story.queue("q", "{}").task("t", "{'scheduleTime': '2026-11-20T08:01:00Z'}");
        story.fact(new Fact.ClockSet(story.time(), "a", Duration.ofSeconds(seconds)));
        story.at(50);
        String uid = story.uid("t");
        var headers = new java.util.HashMap<>(java.util.Map.of("idempotency-key", uid, "taskqueue-namespace", "shop"));
        headers.put("taskqueue-attempt", "1");
        headers.put("taskqueue-max-attempts", "100");
        headers.put("x-cloudtasks-queuename", "q");
        story.fact(new Fact.Received(story.time(), "a", null, 77, "POST", "/", headers, 0));
        story.answer(77, 200).succeed("a", "t");
    }

    @Test
    void notAfterItExpired() {
        catches("DispatchedAfterExpiry", story -> expiring(story, 9.9), story -> expiring(story, 10.1));
    }

    private static void expiring(History story, double at) {
        story.queue("q", "{}").task("t", "{'expireTime': '2026-11-20T08:00:10Z'}");
        story.at(at).deliver("a", "t");
    }

    @Test
    void aRealSenderMayWaitForAProcessorAfterItsDecision() {
        assertThat(History.broken(REAL, story -> decided(story, "2026-11-20T08:00:09.9Z")))
                .isEmpty();
        assertThat(History.broken(REAL, story -> decided(story, "2026-11-20T08:00:10.1Z")))
                .containsExactly("DispatchedAfterExpiry");
        assertThat(broken(story -> decided(story, "2026-11-20T08:00:09.9Z"))).contains("DispatchedAfterExpiry");
    }

    /** It is received four seconds after its expireTime. */
    private static void decided(History story, String at) {
        story.queue("q", "{}")
                .task("t", "{'expireTime': '2026-11-20T08:00:10Z'}")
                .at(14);
        String deadline = Instant.parse(at).plus(Duration.ofMinutes(10)).toString();
        story.answer(story.send("a", "t", 1, Map.of("taskqueue-deadline", deadline)), 200);
        story.succeed("a", "t");
    }

    /** The connection opens when the network is back. The operator looks at its clock once more then. */
    @Test
    void aSenderThatWaitsForItsConnectionMayNotLeaveAfterTheExpiry() {
        catches("DispatchedAfterExpiry", story -> withoutNetwork(story, 9.99), story -> withoutNetwork(story, 10.01));
    }

    private static void withoutNetwork(History story, double at) {
        story.fault("Partition-1", "");
        expiring(story, at);
    }

    @Test
    void whatWasDecidedBeforeAFreezeIsAskedAgainAtTheDoor() {
        assertThat(History.broken(REAL, story -> acrossAFreeze(story, "2026-11-20T08:00:19.9Z")))
                .isEmpty();
        assertThat(History.broken(REAL, story -> acrossAFreeze(story, "2026-11-20T08:00:40Z")))
                .contains("DispatchedAfterExpiry");
    }

    /** Its sender is frozen from 9 s to 30 s, and says that the request was let go ten seconds before this deadline. */
    private static void acrossAFreeze(History story, String deadline) {
        story.queue("q", "{}").task("t", "{'expireTime': '2026-11-20T08:00:10Z', 'dispatchDeadline': '10s'}");
        story.at(9).fact(new Fact.Frozen(story.time(), "a"));
        story.at(30).fact(new Fact.Thawed(story.time(), "a"));
        story.answer(story.send("a", "t", 1, Map.of("taskqueue-deadline", deadline)), 200);
        story.succeed("a", "t");
    }

    @Test
    void notAfterItsEnd() {
        catches(
                "DispatchedAfterEnd",
                story -> story.queue("q", "{}").task("t", "{}").at(1).deliver("a", "t"),
                story -> story.queue("q", "{}")
                        .task("t", "{}")
                        .at(1)
                        .deliver("a", "t")
                        .at(2)
                        .send("a", "t", 2));
    }

    @Test
    void theLateEndByAFormerLeaderCountsOnceItIsSeen() {
        catches("DispatchedAfterEnd", story -> lateEnd(story, 21), story -> lateEnd(story, 30));
    }

    private static void lateEnd(History story, double second) {
        story.queue("q", "{}").task("t", "{}").at(1).start("b").answer(story.send("a", "t", 1), 200);
        story.silent().at(19).lead("b");
        story.at(20).succeed("a", "t");
        story.at(second).answer(story.send("b", "t", 1), 200);
    }

    /** Also beside faults: it has read everything since it leads. */
    @Test
    void aNewLeaderKnowsWhatWasStoredBefore() {
        catches("DispatchedAfterEnd", story -> endedBefore(story, 20), story -> endedBefore(story, 18));
    }

    private static void endedBefore(History story, double second) {
        story.queue("q", "{}").task("t", "{}").at(1).start("b").fault("slow", "");
        story.answer(story.send("a", "t", 1), 200);
        story.silent();
        if (second < 19) {
            story.at(second).succeed("a", "t").at(19).lead("b");
        } else {
            story.at(19).lead("b").at(second).succeed("a", "t");
        }
        story.at(22).answer(story.send("b", "t", 1), 200);
    }

    @Test
    void notAfterItWasDeleted() {
        catches("DispatchedAfterDeletion", story -> deleted(story, 2), story -> deleted(story, 10));
    }

    private static void deleted(History story, double at) {
        story.queue("q", "{}").task("t", "{}");
        var headers = java.util.Map.of("idempotency-key", story.uid("t"), "taskqueue-namespace", "shop");
        story.at(1).delete("people", "t");
        story.at(at).receive("a", headers);
    }

    @Test
    void notWhileItsQueueIsPaused() {
        catches("DispatchedWhilePaused", story -> paused(story, 1), story -> paused(story, 2));
    }

    private static void paused(History story, int observed) {
        story.queue("q", "{}").task("t", "{}").queueStatus("a", "q", "{'observedGeneration': 1, 'state': 'Running'}");
        story.at(1).queue("q", "{'state': 'Paused'}");
        story.queueStatus("a", "q", "{'observedGeneration': " + observed + ", 'state': 'Paused'}");
        story.at(3).deliver("a", "t");
    }

    @Test
    void notWhileItsQueueIsHeldButByRunNow() {
        catches(
                "DispatchedWhilePaused",
                story -> held(story).annotate("Task", "t", "run-now", "1").deliver("a", "t"),
                story -> held(story).deliver("a", "t"));
    }

    private static History held(History story) {
        story.queue("q", "{}").task("t", "{}").queueStatus("a", "q", "{'observedGeneration': 1, 'state': 'Running'}");
        story.at(1).annotate("TaskQueue", "q", "hold", "deploy");
        return story.at(2)
                .queueStatus("a", "q", "{'observedGeneration': 1, 'state': 'Held'}")
                .at(3);
    }

    @Test
    void notWithoutItsQueue() {
        catches("DispatchedWithoutQueue", story -> noQueue(story, 2), story -> noQueue(story, 9));
    }

    private static void noQueue(History story, double at) {
        story.queue("q", "{}").task("t", "{}").at(1).delete("people", "TaskQueue", "shop/q");
        story.at(at).deliver("a", "t");
    }

    @Test
    void notByAProcessThatHasLostItsLease() {
        catches(
                "DispatchedWithoutRight",
                story -> story.queue("q", "{}").task("t", "{}").at(1).deliver("a", "t"),
                story -> story.queue("q", "{}")
                        .task("t", "{}")
                        .start("b")
                        .silent()
                        .at(16)
                        .lead("b")
                        .at(17)
                        .deliver("a", "t"));
    }

    @Test
    void notByAProcessWhoseLeaseRanOut() {
        catches(
                "DispatchedWithoutRight",
                story -> story.queue("q", "{}").task("t", "{}").silent().at(14).deliver("a", "t"),
                story -> story.queue("q", "{}").task("t", "{}").silent().at(16).deliver("a", "t"));
    }

    @Test
    void notByAProcessThatHasEndedOrIsFrozenOrStops() {
        catches(
                "DispatchedWithoutRight",
                story -> story.queue("q", "{}")
                        .task("t", "{}")
                        .at(1)
                        .crash("a")
                        .at(1.04)
                        .send("a", "t", 1),
                story -> story.queue("q", "{}")
                        .task("t", "{}")
                        .at(1)
                        .crash("a")
                        .at(1.06)
                        .send("a", "t", 1));
        assertThat(broken(story -> {
                    story.queue("q", "{}").task("t", "{}").fact(new Fact.Frozen(story.time(), "a"));
                    story.at(1).deliver("a", "t");
                }))
                .contains("DispatchedWithoutRight");
        assertThat(broken(story -> {
                    story.queue("q", "{}").task("t", "{}").fact(new Fact.Stopping(story.time(), "a"));
                    story.at(1).deliver("a", "t");
                }))
                .contains("DispatchedWithoutRight");
    }

    @Test
    void aClaimIsLeftAlone() {
        catches("ClaimIgnored", story -> claimed(story, 40), story -> claimed(story, 25));
    }

    private static void claimed(History story, double at) {
        story.queue("q", "{}").task("t", "{}").start("b").at(1).send("a", "t", 1);
        story.at(2).status("a", "t", "{'claim': {'attempt': 1, 'deadline': '2026-11-20T08:00:30Z', 'holder': 'a'}}");
        story.crash("a").at(20).lead("b").at(at);
        story.outcome("b", "t", "BackingOff", "BackingOff", 0);
        story.at(at + 1).deliver("b", "t", 2);
    }
}
