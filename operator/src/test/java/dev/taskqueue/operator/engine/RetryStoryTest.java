package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Attempts that fail, from the first attempt to the end that is written. */
class RetryStoryTest {
    private final Story story = new Story();

    @Test
    void theTimetableOfATaskThatAlwaysFails() {
        story.applySettings(queue("mail").attempts(8));
        story.worker.otherwise((_, _) -> Outcome.Answered.of(500));
        story.tasks("mail", "a");
        story.at("2h");
        assertThat(story.timesOf("a"))
                .containsExactly("0s", "10s", "30s", "1m10s", "2m30s", "5m10s", "9m10s", "14m10s");
        assertThat(story.journal.of("a")).hasSize(8);
        assertThat(story.listener.endings).containsExactly(Ending.Reason.RetriesExhausted);
        assertThat(story.engine.deliveryStatus(story.delivery("a"))).isEmpty();
    }

    @Test
    void theBackoffCountsFromTheEndOfTheFailedAttempt() {
        story.applySettings(queue("mail"));
        story.worker.answers("a", Outcome.Answered.of(500));
        story.barriers.takes("send a", _ -> Duration.ofSeconds(7));
        story.tasks("mail", "a");
        story.at("1m");
        assertThat(story.timesOf("a")).containsExactly("0s", "17s");
        assertThat(story.listener.took).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(7));
    }

    @Test
    void aSlowWriteDoesNotMoveTheNextAttempt() {
        story.applySettings(queue("mail"));
        story.worker.answers("a", Outcome.Answered.of(500));
        story.barriers.takes("write a", _ -> Duration.ofSeconds(4));
        story.tasks("mail", "a");
        story.at("1m");
        assertThat(story.timesOf("a")).containsExactly("0s", "10s");
    }

    @Test
    void everyFailureIsWrittenWithWhenTheNextAttemptIsDue() {
        story.applySettings(queue("mail"));
        story.worker.answers("a", Outcome.Answered.of(429));
        story.tasks("mail", "a");
        story.at("5s");
        var entry = (Journal.Entry.BackingOff) story.journal.last("a");
        assertThat(entry.nextAt()).isEqualTo(StoryClocks.instant("10s"));
        assertThat(entry.history().dispatches()).isEqualTo(1);
        assertThat(story.status("a")).isEqualTo(new DeliveryStatus.BackingOff(StoryClocks.instant("10s")));
        story.at("10s");
        var end = (Journal.Entry.Finished) story.journal.last("a");
        assertThat(end.ending().reason()).isEqualTo(Ending.Reason.Delivered);
        assertThat(end.history().dispatches()).isEqualTo(2);
        assertThat(end.at()).isEqualTo(StoryClocks.instant("10s"));
    }

    @Test
    void retryAfterHeaderWinsWhenItIsLater() {
        story.applySettings(queue("mail"));
        story.worker.answers("a", new Outcome.Answered(503, Optional.of(Duration.ofSeconds(42)), false));
        story.tasks("mail", "a");
        story.at("5m");
        assertThat(story.timesOf("a")).containsExactly("0s", "42s");
    }

    @Test
    void eachAttemptKnowsItsNumberItsDueTimeAndWhatWasBefore() {
        story.applySettings(queue("mail"));
        story.worker.answers("a", Outcome.Answered.of(500));
        story.offer(task("a", "mail").due("1s"));
        story.at("1m");
        AttemptContext second = story.worker.requests.getLast();
        assertThat(second.number()).isEqualTo(2);
        assertThat(second.scheduledAt()).isEqualTo(StoryClocks.instant("11s"));
        assertThat(second.before().recent()).singleElement().satisfies(first -> {
            assertThat(first.scheduledAt()).isEqualTo(StoryClocks.instant("1s"));
            assertThat(first.reason()).isEqualTo(AttemptReason.ServerError);
        });
    }

    @Test
    void changedRulesCountFromTheNextFailure() {
        story.applySettings(queue("mail"));
        story.worker.otherwise((_, _) -> Outcome.Answered.of(500));
        story.tasks("mail", "a");
        story.at("5s");
        story.applySettings(queue("mail").backoff("100s", "100s", 0));
        story.at("109s");
        assertThat(story.timesOf("a")).containsExactly("0s", "10s");
        story.at("110s");
        assertThat(story.timesOf("a")).containsExactly("0s", "10s", "1m50s");
    }

    @Test
    void aFaultOfOurOwnIsAFailedAttemptAndHoldsNothingUp() {
        story.applySettings(queue("mail").concurrent(1));
        story.worker.otherwise((attempt, before) -> {
            if (before == 0) {
                throw new IllegalStateException("a bug");
            }
            return Outcome.Answered.of(200);
        });
        story.tasks("mail", "a", "b");
        story.at("1m");
        story.thenSent("a", "b", "a");
        assertThat(story.listener.outcomes.getFirst().reason()).isEqualTo(AttemptReason.ConnectFailed);
        assertThat(story.engine.unfinishedAttempts()).isZero();
    }

    @Test
    void aFaultOfOurOwnBeforeTheRequestCostsNoAttempt() {
        story.applySettings(queue("mail").concurrent(1));
        story.worker.beforeSending("a", () -> {
            throw new IllegalStateException("a bug");
        });
        story.tasks("mail", "a", "b");
        story.soon();
        story.thenSent("b");
        story.at("1m");
        story.thenSent("a");
        assertThat(story.engine.unfinishedAttempts()).isZero();
        assertThat(story.stats("mail").dispatching()).isZero();
    }

    @Test
    void overloadedWorkersSlowTheQueueDownAndItRecovers() {
        story.applySettings(queue("mail").rate(100, 20).backoff("1h", "1h", 0).adaptive());
        story.worker.otherwise((_, _) -> Outcome.Answered.of(503));
        story.crowd("mail", "t", 9000);
        story.at("5s");
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(70);
        int before = story.sent().size();
        story.at("10s");
        assertThat(story.sent().size() - before).isBetween(348, 351);
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(49);
        story.at("90s");
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(1);

        story.worker.otherwise((_, _) -> Outcome.Answered.of(200));
        story.at("95s");
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(6);
        story.at("3m30s");
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(100);
    }

    @Test
    void aQueueThatIsSlowedDownStaysSoThroughAChangeOfItsSettingsUnlessThatSaysOtherwise() {
        TestingQueue mail = queue("mail").rate(100, 20).backoff("1h", "1h", 0);
        story.applySettings(mail.adaptive());
        story.worker.otherwise((_, _) -> Outcome.Answered.of(503));
        story.crowd("mail", "t", 9000);
        story.at("10s");
        story.applySettings(mail.rate(200, 20).adaptive());
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(49);
        story.applySettings(mail.rate(30, 20).adaptive());
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(30);
        story.applySettings(mail.rate(200, 20));
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(200);
    }

    @Test
    void withoutAdaptiveThrottlingOverloadSlowsNothingDown() {
        story.applySettings(queue("mail").rate(100, 20).backoff("1h", "1h", 0));
        story.worker.otherwise((_, _) -> Outcome.Answered.of(503));
        story.crowd("mail", "t", 900);
        story.at("6s");
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(100);
    }

    @Test
    void aRedriveThatComesBeforeTheAcknowledgementOfTheEndIsAnotherDelivery() {
        story.applySettings(queue("mail").attempts(1));
        story.worker.answers("a", Outcome.Answered.of(500));
        story.journal.beforeAcknowledging(
                "a", () -> story.offer(task("a", "mail").round(2)));
        story.tasks("mail", "a");
        story.at("1m");
        story.thenSent("a", "a");
        assertThat(story.journal.of("a"))
                .extracting(entry -> entry.history().round())
                .containsExactly(1, 2);
        assertThat(story.stats("mail").tasks()).isZero();
    }
}
