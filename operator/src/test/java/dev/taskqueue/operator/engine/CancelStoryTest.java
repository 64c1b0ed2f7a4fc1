package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Task may be deleted in any state. Then no request of it is sent any more, and its slot is free for the next Task. */
class CancelStoryTest {
    private final Story story = new Story();
    private final TestingQueue mail = queue("mail").concurrent(1);

    @BeforeEach
    void aQueueWithOneSlot() {
        story.applySettings(mail);
    }

    @AfterEach
    void nothingIsLeftBehind() {
        story.tasks("mail", "next");
        story.at("5h");
        assertThat(story.timesOf("next")).hasSize(1);
        assertThat(story.engine.deliveryStatus(story.delivery("a"))).isEmpty();
        assertThat(story.engine.unfinishedAttempts()).isZero();
        assertThat(story.engine.inFlight()).isEmpty();
        assertThat(story.stats("mail").tasks()).isZero();
        story.engine.removeQueue(mail.id());
        assertThat(story.engine.stats()).isEmpty();
    }

    @Test
    void beforeItsTime() {
        story.offer(task("a", "mail").due("1h"));
        story.soon();
        story.cancel("a");
        story.soon();
        assertThat(story.time.nextAlarm()).isNull();
        story.at("2h");
        story.thenNothingSent();
    }

    @Test
    void inPreparation() {
        story.barriers.shut("prepare a");
        story.tasks("mail", "a");
        story.soon();
        story.cancel("a");
        story.barriers.open("prepare a");
        story.at("1m");
        story.thenNothingSent();
    }

    @Test
    void preparedAndWaitingForItsTurn() {
        story.offer(task("a", "mail").due("10s"));
        story.at("9s500ms");
        assertThat(story.worker.looks).containsExactly("a");
        story.cancel("a");
        story.at("1m");
        story.thenNothingSent();
    }

    @Test
    void parked() {
        Obstacle.Subject service = Story.subject(Obstacle.Kind.Service, "web");
        story.worker.breaks(Obstacle.Reason.NoReadyEndpoint, service);
        story.worker.needs("a", service);
        story.tasks("mail", "a");
        story.at("10s");
        story.cancel("a");
        story.worker.mends(service);
        story.wake(service);
        story.at("1m");
        story.thenNothingSent();
    }

    @Test
    void inFlightItsRequestGoesOnAndKeepsItsSlotAndItsOutcomeIsDropped() {
        story.barriers.shut("send a");
        story.tasks("mail", "a", "b");
        story.soon();
        story.cancel("a");
        story.at("1m");
        story.thenSent("a");
        assertThat(story.stats("mail").dispatching()).isEqualTo(1);
        story.barriers.open("send a");
        story.soon();
        story.thenSent("b");
        assertThat(story.journal.of("a")).isEmpty();
        assertThat(story.journal.asked).isEqualTo(1);
    }

    @Test
    void inFlightAndFailingItIsNotTriedAgain() {
        story.worker.answers("a", Outcome.Answered.of(500));
        story.barriers.shut("send a");
        story.tasks("mail", "a");
        story.soon();
        story.cancel("a");
        story.barriers.open("send a");
        story.at("1h");
        story.thenSent("a");
    }

    @Test
    void whileItsOutcomeIsWritten() {
        story.worker.answers("a", Outcome.Answered.of(500));
        story.barriers.shut("write a");
        story.tasks("mail", "a");
        story.soon();
        story.cancel("a");
        story.barriers.open("write a");
        story.at("1h");
        story.thenSent("a");
    }

    @Test
    void betweenTheDecisionAndTheRequest() {
        story.offer(task("a", "mail"));
        story.worker.beforeSending("a", () -> story.cancel("a"));
        story.soon();
        story.thenNothingSent();
        assertThat(story.stats("mail").dispatching()).isZero();
    }

    @Test
    void claimedByAnEarlierProcess() {
        story.offer(task("a", "mail").claimed("-1s", "10m"));
        story.tasks("mail", "b");
        story.at("1s");
        story.thenNothingSent();
        story.cancel("a");
        story.soon();
        story.thenSent("b");
    }

    @Test
    void whileItsInterruptionIsWritten() {
        story.barriers.shut("write a");
        story.offer(task("a", "mail").claimed("-1s", "10s"));
        story.at("20s");
        story.cancel("a");
        story.barriers.open("write a");
        story.at("1h");
        story.thenNothingSent();
    }

    @Test
    void whileItsExpiryIsWritten() {
        story.applySettings(mail.paused());
        story.barriers.shut("write a");
        story.offer(task("a", "mail").expires("10s"));
        story.at("20s");
        story.cancel("a");
        story.barriers.open("write a");
        story.soon();
        story.applySettings(mail);
        story.at("1m");
        story.thenNothingSent();
    }

    @Test
    void whenItsPreparationFindsItGone() {
        story.worker.loses("a");
        story.tasks("mail", "a");
        story.at("1m");
        story.thenNothingSent();
        assertThat(story.worker.looks).containsExactly("a");
    }

    @Test
    void whatWasDeletedAndCreatedAgainIsANewOne() {
        story.offer(task("a", "mail").due("1h"));
        story.cancel("a");
        story.tasks("mail", "a");
        story.soon();
        story.thenSent("a");
    }
}
