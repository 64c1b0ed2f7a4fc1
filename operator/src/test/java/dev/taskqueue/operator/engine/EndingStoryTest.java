package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tasks that end without an answer: by expiry, a journal that may not write, a fence, a stop, or an earlier process. */
class EndingStoryTest {
    private final Story story = new Story();
    private final TestingQueue mail = queue("mail").concurrent(1);

    @Test
    void whatWasNotDeliveredByItsExpireTimeEnds() {
        story.applySettings(mail);
        story.barriers.shut("send hog");
        story.tasks("mail", "hog");
        story.offer(task("a", "mail").expires("1m"));
        story.at("59s");
        assertThat(story.journal.pages).isEmpty();
        story.at("1m5s");
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Expired);
        assertThat(story.engine.deliveryStatus(story.delivery("a"))).isEmpty();
        story.barriers.open("send hog");
        story.at("2m");
        story.thenSent("hog");
    }

    @Test
    void nothingLeavesAtItsExpireTimeOrLater() {
        story.applySettings(mail);
        story.offer(task("a", "mail").due("11s").expires("11s"));
        story.offer(task("b", "mail").due("11s").expires("11s1ms"));
        story.at("20s");
        story.thenSent("b");
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Expired);
    }

    @Test
    void aRetryThatWouldComeTooLateEndsInstead() {
        story.applySettings(mail);
        story.worker.answers("a", Outcome.Answered.of(500));
        story.offer(task("a", "mail").expires("5s"));
        story.at("20s");
        story.thenSent("a");
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Expired);
        assertThat(story.journal.last("a").history().dispatches()).isEqualTo(1);
    }

    @Test
    void whatIsInFlightAtItsExpireTimeMaySucceed() {
        story.applySettings(mail);
        story.barriers.shut("send a");
        story.offer(task("a", "mail").expires("5s"));
        story.at("20s");
        story.barriers.open("send a");
        story.soon();
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Delivered);
    }

    @Test
    void aPausedQueueAndAParkedTaskExpireToo() {
        Obstacle.Subject service = Story.subject(Obstacle.Kind.Service, "web");
        story.worker.breaks(Obstacle.Reason.NoReadyEndpoint, service);
        story.worker.needs("parked", service);
        story.applySettings(mail.unfinished("1h"));
        story.tasks("mail", "parked");
        story.applySettings(queue("paused").paused().unfinished("1h"));
        story.tasks("paused", "halted");
        story.at("59m59s");
        assertThat(story.journal.pages).isEmpty();
        story.at("1h5s");
        assertThat(ending("parked").reason()).isEqualTo(Ending.Reason.Expired);
        assertThat(ending("halted").reason()).isEqualTo(Ending.Reason.Expired);
        story.worker.mends(service);
        story.wake(service);
        story.applySettings(queue("paused"));
        story.at("2h");
        story.thenNothingSent();
    }

    @Test
    void aTaskOfAQueueThatNeverExistedExpiresToo() {
        story.offer(task("a", "misspelt").expires("1m"));
        story.offer(task("b", "misspelt"));
        story.offer(task("ancient", "misspelt").created("-800h"));
        story.at("50s");
        assertThat(story.journal.pages).isEmpty();
        story.at("1m5s");
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Expired);
        assertThat(ending("ancient").reason()).isEqualTo(Ending.Reason.Expired);
        story.at("743h59m");
        assertThat(story.journal.of("b")).isEmpty();
        story.at("744h10s");
        assertThat(ending("b").reason()).isEqualTo(Ending.Reason.Expired);
        assertThat(story.engine.stats()).isEmpty();
    }

    @Test
    void whatItsObjectDidNotOutliveIsOver() {
        story.applySettings(mail);
        story.worker.answers("a", Outcome.Answered.of(500));
        story.journal.receipt("a", new Journal.Receipt.TaskDeleted());
        story.tasks("mail", "a");
        story.at("1h");
        story.thenSent("a");
        assertThat(story.engine.deliveryStatus(story.delivery("a"))).isEmpty();
        assertThat(story.listener.endings).isEmpty();
    }

    @Test
    void whatMayNotBeWrittenAnyMoreIsLeftToTheSuccessor() {
        story.applySettings(mail);
        story.worker.answers("a", Outcome.Answered.of(500));
        story.journal.receipt("a", new Journal.Receipt.Fenced());
        story.tasks("mail", "a", "b");
        story.at("1h");
        story.thenSent("a", "b");
        assertThat(story.engine.deliveryStatus(story.delivery("a"))).isEmpty();
        assertThat(story.engine.unfinishedAttempts()).isZero();
    }

    @Test
    void behindAClosedFenceNothingLeavesNothingEndsAndAllGoesOnOnceItOpens() {
        story.applySettings(mail);
        story.offer(task("a", "mail").due("10s"));
        story.offer(task("dated", "mail").due("1h").expires("15s"));
        story.offer(task("claimed", "mail").claimed("-1s", "12s"));
        story.at("9s500ms");
        story.fence.close();
        story.at("5m");
        story.thenNothingSent();
        assertThat(story.journal.asked).isZero();

        story.fence.reopen();
        story.at("5m20s");
        story.thenSent("a", "claimed");
        assertThat(ending("dated").reason()).isEqualTo(Ending.Reason.Expired);
    }

    @Test
    void aFenceThatClosesBetweenTheDecisionAndTheRequestTurnsItBack() {
        story.applySettings(mail.rate(0.01, 1));
        story.offer(task("a", "mail"));
        story.worker.beforeSending("a", story.fence::close);
        story.soon();
        story.thenNothingSent();
        assertThat(story.stats("mail").dispatching()).isZero();
        assertThat(story.status("a")).isEqualTo(new DeliveryStatus.Queued(StoryClocks.START));
        story.fence.reopen();
        story.at("5s");
        story.thenSent("a");
    }

    @Test
    void whatExpiresBetweenTheDecisionAndTheRequestDoesNotLeave() {
        story.applySettings(mail);
        story.worker.beforeSending("a", () -> story.clocks.step(Duration.ofSeconds(10)));
        story.offer(task("a", "mail").expires("5s"));
        story.soon();
        story.thenNothingSent();
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Expired);
    }

    @Test
    void whatIsHeldBackAtTheOpenConnectionCostsNeitherAnAttemptNorItsToken() {
        story.applySettings(mail.rate(0.01, 1).attempts(1));
        story.worker.holdsBack("a");
        story.tasks("mail", "a");
        story.soon();
        assertThat(story.journal.asked).isZero();
        assertThat(story.stats("mail").dispatching()).isZero();
        story.at("1s");
        story.thenSent("a");
        assertThat(story.journal.last("a").history().dispatches()).isEqualTo(1);
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Delivered);
    }

    @Test
    void whatExpiresWhileItWaitsForItsConnectionEndsWithoutAnAttempt() {
        story.applySettings(mail);
        story.worker.holdsBackAfter("a", () -> story.clocks.step(Duration.ofSeconds(10)));
        story.offer(task("a", "mail").expires("5s"));
        story.soon();
        story.thenNothingSent();
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Expired);
        assertThat(story.journal.last("a").history().dispatches()).isZero();
        assertThat(story.stats("mail").dispatching()).isZero();
    }

    @Test
    void anAttemptKnowsWhenItExpiresByItsOwnTimeOrByThatOfItsQueue() {
        story.applySettings(mail);
        story.offer(task("a", "mail").expires("5s"));
        story.tasks("mail", "b");
        story.soon();
        assertThat(story.worker.requests)
                .extracting(AttemptContext::expireAt)
                .containsExactly(StoryClocks.START.plusSeconds(5), StoryClocks.START.plus(Duration.ofDays(31)));
    }

    @Test
    void afterAStopNothingLeavesAndWhatIsInFlightIsWritten() {
        story.applySettings(queue("mail"));
        story.barriers.shut("send a");
        story.tasks("mail", "a");
        story.soon();
        story.offer(task("b", "mail"));
        story.worker.beforeSending("b", story.engine::stop);
        story.soon();
        story.tasks("mail", "c");
        story.offer(task("d", "mail").due("1m").expires("2m"));
        story.at("1h");
        story.thenSent("a");
        assertThat(story.engine.unfinishedAttempts()).isEqualTo(1);
        story.barriers.open("send a");
        story.soon();
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.Delivered);
        assertThat(story.engine.unfinishedAttempts()).isZero();
        assertThat(story.journal.pages).hasSize(1);
    }

    @Test
    void anAttemptOfAnEarlierProcessIsInFlightUntilItsClaimEndsAndThenInterrupted() {
        story.applySettingsAfterRestart(mail);
        story.offer(task("a", "mail").due("-30s").claimed("-20s", "1m"));
        story.tasks("mail", "b");
        story.at("59s999ms");
        story.thenNothingSent();
        assertThat(story.engine.isClaimed(story.delivery("a"))).isTrue();
        assertThat(story.stats("mail").dispatching()).isEqualTo(1);
        assertThat(story.status("a")).isInstanceOfSatisfying(DeliveryStatus.Dispatching.class, claim -> {
            assertThat(claim.scheduledAt()).isEqualTo(StoryClocks.instant("-30s"));
            assertThat(claim.dispatchedAt()).isEqualTo(StoryClocks.instant("-20s"));
            assertThat(claim.deadlineAt()).isEqualTo(StoryClocks.instant("1m"));
        });

        story.at("1m");
        story.thenSent("b");
        assertThat(story.engine.isClaimed(story.delivery("a"))).isFalse();
        var entry = (Journal.Entry.BackingOff) story.journal.of("a").getFirst();
        assertThat(entry.nextAt()).isEqualTo(StoryClocks.instant("1m10s"));
        assertThat(Objects.requireNonNull(entry.history().last()).reason()).isEqualTo(AttemptReason.Interrupted);
        assertThat(entry.history().firstDispatchAt()).isEqualTo(StoryClocks.instant("-20s"));
        story.at("2m");
        story.thenSent("a");
        assertThat(story.worker.requests.getLast().number()).isEqualTo(2);
    }

    @Test
    void claimsOfAPausedQueueEndToo() {
        story.applySettingsAfterRestart(mail.paused().attempts(1));
        story.offer(task("a", "mail").claimed("-20s", "1m"));
        story.at("1m");
        assertThat(ending("a").reason()).isEqualTo(Ending.Reason.RetriesExhausted);
    }

    private Ending ending(String task) {
        return ((Journal.Entry.Finished) story.journal.last(task)).ending();
    }
}
