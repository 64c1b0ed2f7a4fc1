package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Ending;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Large requests are read right before they are sent. All checks before a request is sent happen after that reading. */
class LargeRequestStoryTest {
    private final Story story = new Story();

    @AfterEach
    void nothingIsHeld() {
        assertThat(story.engine.pools())
                .allSatisfy(pool -> assertThat(pool.used()).as(pool.name()).isZero());
        assertThat(story.stats("mail").dispatching()).isZero();
    }

    @Test
    void theRateHoldsWhenTheyLeaveHoweverLongTheyAreRead() {
        story.applySettingsAfterRestart(queue("mail").rate(10, 1));
        large("t", 100);
        story.barriers.shut("fetch *");
        story.at("5s");
        story.thenNothingSent();
        story.barriers.open("fetch *");
        story.soon();
        assertThat(story.sent()).hasSize(1);
        story.at("10s");
        assertThat(story.sent()).hasSize(51);
        story.at("20s");
    }

    /**
     * Each answer of the API server takes 4 s, and eight requests run at a time. Once, prepared requests were prepared again for ever.
     */
    @Test
    void whereReadingIsSlowNoneIsReadTwiceBeforeItsTurn() {
        story.applySettings(queue("mail").rate(10, 10));
        large("t", 80);
        story.barriers.takes("prepare *", _ -> Duration.ofSeconds(4));
        story.barriers.takes("fetch *", _ -> Duration.ofSeconds(6));
        story.at("3m");
        assertThat(story.sent()).hasSize(80);
        assertThat(story.worker.looks).hasSizeLessThanOrEqualTo(90);
    }

    @Test
    void whatIsWholeWhenThereIsRoomIsNotFetched() {
        story.applySettings(queue("mail").rate(10, 10));
        story.worker.handsOutLargeOnesAtOnce();
        story.barriers.shut("fetch *");
        large("t", 5);
        story.at("1s");
        assertThat(story.sent()).hasSize(5);
        story.barriers.open("fetch *");
        story.soon();
    }

    @Test
    void oneThatExpiresWhileItIsReadDoesNotLeave() {
        story.applySettings(queue("mail"));
        story.worker.isLarge("a");
        story.barriers.shut("fetch *");
        story.offer(task("a", "mail").expires("2s"));
        story.at("10s");
        story.barriers.open("fetch *");
        story.soon();
        story.thenNothingSent();
        assertThat(story.listener.endings).containsExactly(Ending.Reason.Expired);
    }

    @Test
    void oneWhoseQueueIsPausedWhileItIsReadWaits() {
        story.applySettings(queue("mail"));
        large("a", 1);
        story.barriers.shut("fetch *");
        story.at("1s");
        story.applySettings(queue("mail").paused());
        story.barriers.open("fetch *");
        story.at("1m");
        story.thenNothingSent();
        assertThat(story.engine.pools())
                .allSatisfy(pool -> assertThat(pool.used()).isZero());
        story.applySettings(queue("mail"));
        story.soon();
        story.thenSent("a0");
    }

    @Test
    void aLimitThatFallsWhileTheyAreReadCounts() {
        story.applySettings(queue("mail").concurrent(2));
        large("a", 2);
        story.barriers.shut("fetch *");
        story.barriers.shut("send *");
        story.at("1s");
        story.applySettings(queue("mail").concurrent(1));
        story.barriers.open("fetch *");
        story.at("20s");
        assertThat(story.openRequests("mail")).isEqualTo(1);
        story.barriers.open("send *");
        story.soon();
        assertThat(story.sent()).hasSize(2);
    }

    @Test
    void aRequestThatIsCancelledOrDiscardedWhileItIsReadHoldsNothing() {
        story.applySettings(queue("mail").concurrent(1));
        large("a", 2);
        story.barriers.shut("fetch *");
        story.at("1s");
        story.cancel("a0");
        story.engine.discardPrepared(queue("mail").id());
        story.barriers.open("fetch *");
        story.at("2s");
        story.thenSent("a1");
    }

    @Test
    void whatWaitsForItsTokenMakesRoomForWhatIsDueEarlier() {
        story.applySettingsAfterRestart(queue("mail").rate(0.5, 1).concurrent(1));
        large("l", 1);
        story.at("1500ms");
        story.offer(task("early", "mail").due("-1s"));
        story.at("2s");
        story.thenSent("early");
        story.at("4s");
        story.thenSent("l0");
    }

    @Test
    void onlyAFewAreReadAtATime() {
        story.applySettings(queue("mail"));
        large("t", 50);
        story.barriers.shut("fetch *");
        story.soon();
        assertThat(story.engine.pools().getFirst().used()).isEqualTo(8);
        story.barriers.open("fetch *");
        story.soon();
        assertThat(story.sent()).hasSize(50);
    }

    private void large(String prefix, int count) {
        for (int i = 0; i < count; i++) {
            story.worker.isLarge(prefix + i);
            story.worker.size(prefix + i, 1000);
        }
        story.crowd("mail", prefix, count);
    }
}
