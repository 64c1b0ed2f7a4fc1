package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Kind;
import dev.taskqueue.operator.domain.Obstacle.Reason;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An obstacle keeps a due Task from being sent. It costs no attempt, wakes no Task needlessly, and its end is noticed. */
class ObstacleStoryTest {
    private static final Subject SERVICE = Story.subject(Kind.Service, "web");
    private static final Subject SECRET = Story.subject(Kind.Secret, "key");

    private final Story story = new Story();

    @Test
    void anObstacleCostsNoAttemptAndAChangeWakesAllThatWait() {
        blocked(Reason.NoReadyEndpoint, SERVICE, "a", "b", "c");
        story.at("10m");
        story.thenNothingSent();
        assertThat(story.journal.pages).isEmpty();
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Reason.NoReadyEndpoint, 3));
        assertThat(story.status("a"))
                .isInstanceOfSatisfying(
                        DeliveryStatus.Blocked.class,
                        blocked -> assertThat(blocked.obstacle().subject()).isEqualTo(SERVICE));
        int looks = story.worker.looks.size();

        story.worker.mends(SERVICE);
        story.wake(SERVICE);
        story.soon();
        story.thenSent("a", "b", "c");
        assertThat(story.worker.looks.size() - looks).isEqualTo(3);
        assertThat(story.stats("mail").waiting()).isEmpty();
        assertThat(story.worker.requests).allMatch(attempt -> attempt.number() == 1);
    }

    @Test
    void aWatchedObstacleIsNotProbedByTime() {
        blocked(Reason.TargetNotFound, SERVICE, "a");
        story.at("1s");
        int looks = story.worker.looks.size();
        assertThat(looks).isEqualTo(2);
        story.at("1h");
        assertThat(story.worker.looks).hasSize(looks);
    }

    @Test
    void ofManyThatWaitOneProbesAndAFailedProbeWakesNobody() {
        story.applySettings(queue("mail"));
        story.worker.breaks(Reason.NoReadyEndpoint, SERVICE);
        for (int i = 0; i < 50; i++) {
            story.worker.needs("t" + i, SERVICE);
        }
        story.crowd("mail", "t", 50);
        story.at("1m");
        int looks = story.worker.looks.size();
        for (int i = 0; i < 10; i++) {
            story.wake(SERVICE);
            story.soon();
        }
        assertThat(story.worker.looks.size() - looks).isEqualTo(10);
        story.thenNothingSent();
    }

    @Test
    void anUnwatchedObstacleIsProbedAfterOneSecondAndThenEverMoreRarelyUpToThirty() {
        blocked(Reason.SourceNotFound, SECRET, "a", "b");
        story.soon();
        assertThat(story.worker.looks).containsExactly("a", "b");
        int[] probesBy = {1, 2, 4, 8, 16, 32, 62, 92, 122};
        for (int probe = 0; probe < probesBy.length; probe++) {
            story.at(probesBy[probe] - 1 + "s999ms");
            assertThat(story.worker.looks).hasSize(2 + probe);
            story.at(probesBy[probe] + "s");
            assertThat(story.worker.looks).hasSize(3 + probe);
        }
        story.worker.mends(SECRET);
        story.at("152s");
        story.thenSent("a", "b");
    }

    @Test
    void whileAProbeIsOutNoOtherOneGoes() {
        blocked(Reason.SourceNotFound, SECRET, "a", "b");
        story.soon();
        story.barriers.shut("prepare a");
        story.at("5m");
        assertThat(story.worker.looks).containsExactly("a", "b", "a");
    }

    @Test
    void aWakeUpBetweenTheLookAndTheParkingIsNotLost() {
        story.applySettings(queue("mail"));
        story.worker.breaks(Reason.NoReadyEndpoint, SERVICE);
        story.worker.needs("a", SERVICE);
        story.barriers.shut("prepare a");
        story.tasks("mail", "a");
        story.at("1s");
        // The preparation has seen the broken Service. The wake-up comes before the result of the preparation.
        story.worker.mends(SERVICE);
        story.wake(SERVICE);
        story.soon();
        story.barriers.open("prepare a");
        story.soon();
        story.thenSent("a");
    }

    @Test
    void aWakeUpWhileAProbeLooksIsNotLost() {
        blocked(Reason.NoReadyEndpoint, SERVICE, "a", "b");
        story.at("1s");
        story.barriers.shut("prepare a");
        story.wake(SERVICE);
        story.soon();
        story.worker.mends(SERVICE);
        story.wake(SERVICE);
        story.barriers.open("prepare a");
        story.soon();
        story.thenSent("a", "b");
    }

    @Test
    void otherTargetsOfTheQueueGoOn() {
        story.applySettings(queue("mail").rate(0.5, 1));
        story.worker.breaks(Reason.NoReadyEndpoint, SERVICE);
        for (int i = 0; i < 20; i++) {
            story.worker.needs("t" + i, SERVICE);
        }
        story.crowd("mail", "t", 20);
        story.tasks("mail", "well");
        story.at("1s");
        story.thenSent("well");
    }

    @Test
    void aTargetThatBreaksAtTheLastMomentTurnsTheTaskBackWithTokenAndSlot() {
        story.applySettings(queue("mail").rate(0.01, 1).concurrent(1));
        story.worker.needs("a", SERVICE);
        story.offer(task("a", "mail").due("10s"));
        story.at("9s500ms");
        assertThat(story.worker.looks).containsExactly("a");
        story.worker.breaks(Reason.NoReadyEndpoint, SERVICE);
        story.at("11s");
        story.thenNothingSent();
        story.tasks("mail", "b");
        story.soon();
        story.thenSent("b");
        assertThat(story.listener.outcomes).hasSize(1);
    }

    @Test
    void whenTheProbeIsDeletedTheNextOneTakesItsPlace() {
        blocked(Reason.NoReadyEndpoint, SERVICE, "a", "b");
        story.at("1s");
        story.barriers.shut("prepare a");
        story.worker.mends(SERVICE);
        story.wake(SERVICE);
        story.soon();
        story.cancel("a");
        story.soon();
        story.thenSent("b");
    }

    @Test
    void aProbeThatMeetsAnotherObstacleFreesThoseBehindIt() {
        blocked(Reason.NoReadyEndpoint, SERVICE, "a", "b");
        story.at("1s");
        story.worker.mends(SERVICE);
        story.worker.breaks(Reason.SourceNotFound, SECRET);
        story.worker.needs("a", SECRET);
        story.wake(SERVICE);
        story.soon();
        story.thenSent("b");
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Reason.SourceNotFound, 1));
    }

    @Test
    void whatIsKnownBeforehandIsNotLookedAtAndASettingIsNeverProbed() {
        story.applySettings(queue("mail"));
        var limit = new Obstacle(Reason.LimitExceeded, Story.subject(Kind.Setting, "MAX"), "Raise MAX.");
        story.offer(task("a", "mail").blockedBy(limit));
        story.at("24h");
        assertThat(story.worker.looks).isEmpty();
        assertThat(story.status("a")).isEqualTo(new DeliveryStatus.Blocked(limit));
    }

    @Test
    void newsOfAnotherNamespaceWakeNobody() {
        blocked(Reason.NoReadyEndpoint, SERVICE, "a");
        story.at("1s");
        int looks = story.worker.looks.size();
        story.wake(new Subject(Kind.Service, "elsewhere", "web"));
        story.wake(Story.subject(Kind.Service, "other"));
        story.at("1m");
        assertThat(story.worker.looks).hasSize(looks);
    }

    /** A queue whose Tasks all need an object that is broken. */
    private void blocked(Reason reason, Subject subject, String... tasks) {
        story.applySettings(queue("mail"));
        story.worker.breaks(reason, subject);
        for (String task : tasks) {
            story.worker.needs(task, subject);
        }
        story.tasks("mail", tasks);
    }
}
