package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Kind;
import dev.taskqueue.operator.domain.Obstacle.Reason;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import org.junit.jupiter.api.Test;

/**
 * A queue changes what it adds to its Tasks' requests. From then on all requests are built with the new values, and Tasks that could not be sent
 * before may now be sent.
 */
class DiscardPreparedStoryTest {
    private static final Subject OLD = Story.subject(Kind.Service, "worker-v1");
    private static final Subject NEW = Story.subject(Kind.Service, "worker-v2");

    private final Story story = new Story();
    private final TestingQueue mail = queue("mail");

    @Test
    void whatWasPreparedIsPreparedAnewAndLeavesOnce() {
        story.applySettings(mail.rate(1, 1));
        story.tasks("mail", "a", "b");
        story.soon();
        assertThat(story.worker.looks).containsExactly("a", "b");
        story.engine.discardPrepared(mail.id());
        story.soon();
        assertThat(story.worker.looks).containsExactly("a", "b", "b");
        story.at("10s");
        story.thenSent("a", "b");
    }

    @Test
    void whatIsBeingPreparedIsPreparedOnceMore() {
        story.applySettings(mail);
        story.barriers.shut("prepare a");
        story.tasks("mail", "a");
        story.soon();
        story.engine.discardPrepared(mail.id());
        story.barriers.open("prepare a");
        story.soon();
        assertThat(story.worker.looks).containsExactly("a", "a");
        story.thenSent("a");
    }

    @Test
    void whatIsAboutToLeaveTurnsBackAndCostsNoTurn() {
        story.applySettings(mail.rate(1, 1));
        story.worker.beforeSending("a", () -> story.engine.discardPrepared(mail.id()));
        story.tasks("mail", "a");
        story.soon();
        assertThat(story.worker.looks).containsExactly("a", "a");
        story.thenSent("a");
    }

    @Test
    void whatIsInFlightGoesOn() {
        story.applySettings(mail);
        story.barriers.shut("send a");
        story.tasks("mail", "a");
        story.soon();
        story.engine.discardPrepared(mail.id());
        story.barriers.open("send a");
        story.at("10m");
        story.thenSent("a");
        assertThat(story.journal.last("a")).isInstanceOf(Journal.Entry.Finished.class);
    }

    @Test
    void whatWaitedForTheOldTargetGoesToTheNewOneAndTheRestWaitsOn() {
        story.applySettings(mail);
        story.worker.breaks(Reason.NoReadyEndpoint, OLD);
        for (String name : new String[] {"stays", "follows1", "follows2"}) {
            story.worker.needs(name, OLD);
        }
        story.tasks("mail", "stays", "follows1", "follows2");
        story.at("1h");
        story.thenNothingSent();
        story.worker.needs("follows1", NEW);
        story.worker.needs("follows2", NEW);
        story.engine.discardPrepared(mail.id());
        story.soon();
        story.thenSent("follows1", "follows2");
        assertThat(story.status("stays")).isInstanceOf(DeliveryStatus.Blocked.class);

        story.worker.mends(OLD);
        story.wake(OLD);
        story.soon();
        story.thenSent("stays");
    }

    @Test
    void aProbeThatWasOutMeanwhileKeepsNobody() {
        story.applySettings(mail);
        story.worker.breaks(Reason.NoReadyEndpoint, OLD);
        story.worker.needs("a", OLD);
        story.worker.needs("b", OLD);
        story.tasks("mail", "a", "b");
        story.at("1m");
        story.barriers.shut("prepare a");
        story.wake(OLD);
        story.soon();
        story.worker.needs("a", NEW);
        story.worker.needs("b", NEW);
        story.engine.discardPrepared(mail.id());
        story.at("2m");
        story.thenSent("b");
        story.barriers.open("prepare a");
        story.soon();
        story.thenSent("a");
    }

    @Test
    void whatWaitsForASettingOfTheOperatorIsNotSentForThat() {
        var setting = new Subject(Kind.Setting, TestingQueue.NAMESPACE, "TASKQUEUE_MAX_SCHEDULE_AHEAD");
        story.applySettings(mail);
        story.offer(task("a", "mail").blockedBy(new Obstacle(Reason.LimitExceeded, setting, "too far ahead")));
        story.engine.discardPrepared(mail.id());
        story.at("1h");
        story.thenNothingSent();
        assertThat(story.status("a")).isInstanceOf(DeliveryStatus.Blocked.class);
    }

    @Test
    void aQueueThatNobodyKnowsIsLeftAlone() {
        story.engine.discardPrepared(mail.id());
        assertThat(story.engine.stats()).isEmpty();
    }
}
