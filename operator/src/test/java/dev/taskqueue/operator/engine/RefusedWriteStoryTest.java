package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The API server refuses to write outcomes, because of a policy, a webhook, or a deleted Role. The engine repeats the write, but never the request.
 */
class RefusedWriteStoryTest {
    private static final Journal.Receipt REFUSED = new Journal.Receipt.WriteRefused("the API server answered 403");

    private final Story story = new Story(new EngineLimits(10_000, 10));
    private final TestingQueue mail = queue("mail").concurrent(1);

    @Test
    void theWriteIsRepeatedWithGrowingPausesAndTheRequestIsNot() {
        story.applySettings(mail);
        story.journal.receipt("a", REFUSED);
        story.tasks("mail", "a");
        story.soon();
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Obstacle.Reason.WriteRefused, 1));
        assertThat(story.stats("mail").dispatching()).isZero();
        assertThat(story.engine.unfinishedAttempts()).isZero();
        assertThat(story.status("a"))
                .isInstanceOfSatisfying(
                        DeliveryStatus.Blocked.class,
                        blocked -> assertThat(blocked.obstacle().message()).contains("shop/a", "403"));
        story.at("6s");
        assertThat(story.journal.asked).isEqualTo(3);
        story.journal.receipt("a", new Journal.Receipt.Written());
        story.at("7s");
        assertThat(story.listener.endings).containsExactly(Ending.Reason.Delivered);
        assertThat(story.stats("mail").tasks()).isZero();
        story.thenSent("a");
    }

    @Test
    void aFailureThatWasRefusedIsTriedAgainOnceItIsWritten() {
        story.applySettings(mail.backoff("3s", "3s", 0));
        story.worker.answers("a", Outcome.Answered.of(500));
        story.journal.receipt("a", REFUSED);
        story.tasks("mail", "a");
        story.at("20s");
        story.thenSent("a");
        story.journal.receipt("a", new Journal.Receipt.Written());
        story.at("1m");
        story.thenSent("a");
        assertThat(story.stats("mail").tasks()).isZero();
    }

    @Test
    void afterThreeInARowNothingLeavesUntilOneSucceeds() {
        story.applySettings(mail);
        for (int i = 0; i < 5; i++) {
            story.journal.receipt("r" + i, REFUSED);
        }
        story.crowd("mail", "r", 5);
        story.at("900ms");
        story.thenSent("r0", "r1", "r2");
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Obstacle.Reason.WriteRefused, 5));
        for (int i = 0; i < 5; i++) {
            story.journal.receipt("r" + i, new Journal.Receipt.Written());
        }
        story.at("1s");
        story.thenSent("r3", "r4");
        assertThat(story.stats("mail").tasks()).isZero();
    }

    @Test
    void threeTasksWhoseOwnWritesAreRefusedDoNotStopTheirQueue() {
        story.applySettings(queue("mail"));
        for (int i = 0; i < 3; i++) {
            story.journal.receipt("bad" + i, REFUSED);
        }
        story.crowd("mail", "bad", 3);
        story.at("100ms");
        story.thenSent("bad0", "bad1", "bad2");
        story.crowd("mail", "good", 5);
        story.at("900ms");
        story.thenNothingSent();
        story.at("2s");
        story.thenSent("good0", "good1", "good2", "good3", "good4");
        assertThat(story.stats("mail").tasks()).isEqualTo(3);
    }

    @Test
    void whileWritesAreRefusedOneRequestAtATimeLeavesAfterPausesThatGrow() {
        story.applySettings(queue("mail"));
        for (int i = 0; i < 100; i++) {
            story.journal.receipt("r" + i, REFUSED);
        }
        story.crowd("mail", "r", 3);
        story.at("100ms");
        for (int i = 3; i < 100; i++) {
            story.tasks("mail", "r" + i);
        }
        story.at("2m");
        assertThat(story.sent()).hasSizeBetween(7, 12);
    }

    @Test
    void whileTheOneRequestIsInFlightTheLaneSleeps() {
        story.applySettings(queue("mail"));
        for (int i = 0; i < 3; i++) {
            story.journal.receipt("bad" + i, REFUSED);
        }
        story.crowd("mail", "bad", 3);
        story.at("100ms");
        story.barriers.shut("send slow");
        story.tasks("mail", "slow", "next");
        // Without an end of the request nothing happens by time alone. A lane that looked again at once would never let
        // time pass.
        story.at("1m");
        assertThat(story.sent().toString()).doesNotContain("next");
        story.barriers.open("send slow");
        story.soon();
        assertThat(story.sent().toString()).contains("next");
    }

    @Test
    void whereWhatWasRefusedIsDeletedTheQueueGoesOn() {
        story.applySettings(mail);
        for (int i = 0; i < 3; i++) {
            story.journal.receipt("bad" + i, REFUSED);
        }
        story.crowd("mail", "bad", 3);
        story.at("100ms");
        story.tasks("mail", "good");
        for (int i = 0; i < 3; i++) {
            story.cancel("bad" + i);
        }
        story.soon();
        story.thenSent("bad0", "bad1", "bad2", "good");
    }

    @Test
    void theirOutcomesDoNotCountAgainstOthersNorAgainstTheirOwnQueue() {
        story.applySettings(queue("mail"));
        story.applySettings(queue("other"));
        for (int i = 0; i < 50; i++) {
            story.journal.receipt("r" + i, REFUSED);
        }
        story.crowd("mail", "r", 50);
        story.at("1s");
        assertThat(story.engine.pools())
                .allSatisfy(pool -> assertThat(pool.used()).isZero());
        story.worker.requests.clear();
        story.crowd("other", "o", 100);
        story.at("2s");
        assertThat(story.sent()).hasSize(100);
    }

    @Test
    void oneTaskWhoseOwnWriteIsRefusedHoldsNobodyUp() {
        story.applySettings(mail);
        story.journal.receipt("bad", REFUSED);
        story.tasks("mail", "bad");
        story.crowd("mail", "good", 100);
        story.at("1m");
        assertThat(story.sent()).hasSize(101);
        assertThat(story.stats("mail").tasks()).isEqualTo(1);
        story.cancel("bad");
        assertThat(story.stats("mail").tasks()).isZero();
    }

    @Test
    void anEndThatIsRefusedIsWrittenLater() {
        story.applySettings(mail);
        story.journal.receipt("bad", REFUSED);
        story.offer(
                task("bad", "mail").ends(new Ending(Ending.Reason.InvalidSpec, "spec is missing"), StoryClocks.START));
        story.at("500ms");
        assertThat(story.journal.pages).isEmpty();
        story.journal.receipt("bad", new Journal.Receipt.Written());
        story.at("1s");
        assertThat(story.listener.endings).containsExactly(Ending.Reason.InvalidSpec);
    }

    @Test
    void anEndThatThisProcessMayNotWriteIsWrittenWhenTheFenceOpensAgain() {
        story.applySettings(mail);
        story.journal.receipt("bad", new Journal.Receipt.Fenced());
        story.offer(
                task("bad", "mail").ends(new Ending(Ending.Reason.InvalidSpec, "spec is missing"), StoryClocks.START));
        story.at("1m");
        assertThat(story.journal.asked).isEqualTo(1);
        story.journal.receipt("bad", new Journal.Receipt.Written());
        story.engine.leadershipResumed();
        story.soon();
        assertThat(story.listener.endings).containsExactly(Ending.Reason.InvalidSpec);
    }

    @Test
    void aFaultOfOurOwnWhileItIsWrittenSendsNothingAgain() {
        story.applySettings(mail);
        story.journal.beforeAcknowledging("a", () -> {
            throw new IllegalStateException("a bug");
        });
        story.tasks("mail", "a");
        story.soon();
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Obstacle.Reason.WriteRefused, 1));
        assertThat(story.engine.pools())
                .allSatisfy(pool -> assertThat(pool.used()).isZero());
        story.at("1m");
        story.thenSent("a");
        assertThat(story.stats("mail").tasks()).isZero();
    }
}
