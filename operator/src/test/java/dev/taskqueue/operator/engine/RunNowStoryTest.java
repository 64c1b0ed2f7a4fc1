package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import org.junit.jupiter.api.Test;

/** A person wants a Task sent now. */
class RunNowStoryTest {
    private final Story story = new Story();
    private final TestingQueue mail = queue("mail");

    @Test
    void aTaskOfNextWeekGoesAtOnceAndItsTimeIsNow() {
        story.applySettings(mail);
        story.offer(task("a", "mail").due("168h"));
        story.at("5s");
        runNow("a");
        story.thenSent("a");
        assertThat(story.worker.requests.getFirst().scheduledAt()).isEqualTo(StoryClocks.instant("5s"));
    }

    @Test
    void aPausedQueueSendsItAndNothingElse() {
        story.applySettings(mail.paused());
        story.tasks("mail", "a", "b", "c");
        story.at("5s");
        runNow("b");
        story.thenSent("b");
        story.at("1h");
        story.thenNothingSent();
    }

    @Test
    void aQueueThatWasPausedWithPreparedTasksSendsItToo() {
        story.applySettings(mail.concurrent(1));
        story.barriers.shut("send open");
        story.tasks("mail", "open");
        story.soon();
        story.crowd("mail", "t", 100);
        story.soon();
        story.applySettings(mail.concurrent(1).paused());
        runNow("t99");
        story.thenSent("open", "t99");
    }

    /** Tokens and Secrets that were read long ago may have been replaced. */
    @Test
    void whatWasPreparedLongAgoIsPreparedAnew() {
        story.applySettings(mail.concurrent(1));
        story.barriers.shut("send open");
        story.tasks("mail", "open", "a");
        story.at("1h");
        assertThat(story.worker.looks).containsExactly("open", "a");
        runNow("a");
        assertThat(story.worker.looks).containsExactly("open", "a", "a");
        story.thenSent("open", "a");
    }

    @Test
    void itStandsOutsideTheRateAndTakesASlotNonetheless() {
        story.applySettings(mail.rate(1, 1).concurrent(1));
        story.barriers.shut("send a");
        story.tasks("mail", "a", "b", "c");
        story.soon();
        story.thenSent("a");
        runNow("c");
        story.thenSent("c");
        story.barriers.shut("send b");
        story.at("1s");
        story.thenNothingSent();
        story.barriers.open("send a");
        story.at("2s");
        story.thenSent("b");
    }

    @Test
    void aRetryThatBacksOffGoesAtOnceAndItsBackoffCountsFromTheCall() {
        story.applySettings(mail.backoff("10s", "300s", 3));
        story.worker.answers("a", Outcome.Answered.of(500), Outcome.Answered.of(500));
        story.tasks("mail", "a");
        story.at("4s");
        story.barriers.shut("send a");
        runNow("a");
        story.at("9s");
        story.barriers.open("send a");
        story.at("60s");
        assertThat(story.timesOf("a")).containsExactly("0s", "4s", "24s");
    }

    @Test
    void oneInFlightOrOverIsLeftAlone() {
        story.applySettings(mail);
        story.barriers.shut("send a");
        story.tasks("mail", "a", "b");
        story.soon();
        runNow("a");
        runNow("b");
        story.barriers.open("send a");
        story.at("1h");
        story.thenSent("a", "b");
    }

    @Test
    void whatIsMissingIsWaitedForAndThenItGoesAlthoughTheQueueIsPaused() {
        story.applySettings(mail.paused());
        Obstacle.Subject secret = Story.subject(Obstacle.Kind.Secret, "key");
        story.worker.breaks(Obstacle.Reason.SourceNotFound, secret);
        story.worker.needs("a", secret);
        story.worker.needs("b", secret);
        story.offer(task("a", "mail").due("1h"));
        story.offer(task("b", "mail").due("1h"));
        story.soon();
        runNow("a");
        story.at("10s");
        story.thenNothingSent();
        assertThat(story.status("a")).isInstanceOf(DeliveryStatus.Blocked.class);
        story.worker.mends(secret);
        story.at("45s");
        story.thenSent("a");
        story.at("2h");
        story.thenNothingSent();
    }

    @Test
    void aDeliveryThatFailsTheFinalCheckIsStillExpedited() {
        story.applySettings(mail.paused());
        Obstacle.Subject service = Story.subject(Obstacle.Kind.Service, "web");
        story.worker.needs("a", service);
        story.worker.beforeSending("a", () -> story.worker.breaks(Obstacle.Reason.NoReadyEndpoint, service));
        story.offer(task("a", "mail").due("1h"));
        runNow("a");
        story.thenNothingSent();
        story.worker.mends(service);
        story.wake(service);
        story.soon();
        story.thenSent("a");
    }

    @Test
    void aClosedFenceKeepsItUntilItOpens() {
        story.applySettings(mail);
        story.fence.close();
        story.offer(task("a", "mail").due("1h"));
        runNow("a");
        story.thenNothingSent();
        story.fence.reopen();
        story.at("5s");
        story.thenSent("a");
    }

    @Test
    void whatHasExpiredEndsInsteadOfBeingSent() {
        story.applySettings(mail.paused());
        story.offer(task("a", "mail").due("1h").expires("2s"));
        story.at("3s");
        runNow("a");
        story.thenNothingSent();
        assertThat(story.listener.endings).containsExactly(Ending.Reason.Expired);
    }

    private void runNow(String task) {
        story.engine.runNow(story.delivery(task));
        story.soon();
    }
}
