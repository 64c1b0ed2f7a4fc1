package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A Task that a purge is to delete is never sent again, wherever it waits. All other Tasks go on. Task {@code old} is older than the purge, and
 * {@code new} is not.
 */
class PurgeStoryTest {
    private static final QueueId MAIL = new QueueId(TestingQueue.NAMESPACE, "mail");

    private final Story story = new Story();
    private final TestingQueue mail = queue("mail").concurrent(1);

    @BeforeEach
    void aQueueWithOneSlot() {
        story.applySettings(mail);
    }

    @AfterEach
    void nothingIsLeftBehind() {
        story.engine.toBePurged(MAIL).forEach(story.engine::cancel);
        assertThat(story.engine.countCreatedBefore(MAIL, StoryClocks.START)).isZero();
        story.engine.endPurge(MAIL);
        story.tasks("mail", "next");
        story.at("5h");
        assertThat(story.timesOf("next")).hasSize(1);
        assertThat(story.engine.unfinishedAttempts()).isZero();
        assertThat(story.stats("mail").tasks()).isZero();
        story.engine.removeQueue(MAIL);
        assertThat(story.engine.stats()).isEmpty();
    }

    @Test
    void whatWasCreatedAtTheCutoffOrLaterIsSpared() {
        story.offer(old("old"));
        story.offer(task("new", "mail"));
        story.offer(task("newer", "mail").created("1s"));
        purge();
        story.at("1m");
        story.thenSent("new", "newer");
        assertToBePurged("old");
        assertThat(story.engine.countCreatedBefore(MAIL, StoryClocks.instant("1s")))
                .isEqualTo(1);
    }

    @Test
    void beforeItsTime() {
        story.offer(old("old").due("1h"));
        story.soon();
        purge();
        story.soon();
        assertThat(story.time.nextAlarm()).isNull();
        story.at("2h");
        story.thenNothingSent();
    }

    @Test
    void inPreparation() {
        story.barriers.shut("prepare old");
        story.offer(old("old"));
        story.soon();
        purge();
        story.barriers.open("prepare old");
        story.at("1m");
        story.thenNothingSent();
        assertToBePurged("old");
    }

    @Test
    void preparedAndWaitingForItsTurn() {
        story.offer(old("old").due("10s"));
        story.at("9s500ms");
        assertThat(story.worker.looks).containsExactly("old");
        purge();
        story.at("1m");
        story.thenNothingSent();
    }

    @Test
    void betweenTheDecisionAndTheRequest() {
        story.worker.beforeSending("old", this::purge);
        story.offer(old("old"));
        story.soon();
        story.thenNothingSent();
        assertThat(story.stats("mail").dispatching()).isZero();
        assertToBePurged("old");
    }

    @Test
    void expeditedByAPerson() {
        story.applySettings(mail.paused());
        story.worker.beforeSending("old", this::purge);
        story.offer(old("old"));
        story.offer(old("old-later").due("1h"));
        story.barriers.shut("prepare old-later");
        story.engine.runNow(story.delivery("old"));
        story.engine.runNow(story.delivery("old-later"));
        story.soon();
        story.barriers.open("prepare old-later");
        story.engine.runNow(story.delivery("old"));
        story.at("1m");
        story.thenNothingSent();
        assertToBePurged("old", "old-later");
        story.applySettings(mail);
    }

    @Test
    void parkedAndTheProbeToo() {
        Obstacle.Subject service = Story.subject(Obstacle.Kind.Service, "web");
        story.worker.breaks(Obstacle.Reason.NoReadyEndpoint, service);
        List.of("old", "old-2", "new").forEach(name -> story.worker.needs(name, service));
        story.offer(old("old"));
        story.offer(old("old-2"));
        story.at("10s");
        story.offer(task("new", "mail"));
        story.at("20s");
        story.barriers.shut("prepare old");
        story.worker.mends(service);
        story.wake(service);
        story.soon();
        purge();
        story.barriers.open("prepare old");
        story.at("1m");
        story.thenSent("new");
        assertToBePurged("old", "old-2");
    }

    @Test
    void foundBlockedJustThen() {
        Obstacle.Subject service = Story.subject(Obstacle.Kind.Service, "web");
        story.worker.needs("old", service);
        story.worker.beforeSending("old", () -> {
            story.worker.breaks(Obstacle.Reason.NoReadyEndpoint, service);
            purge();
        });
        story.offer(old("old"));
        story.at("10s");
        story.worker.mends(service);
        story.wake(service);
        story.at("1m");
        story.thenNothingSent();
        assertToBePurged("old");
    }

    @Test
    void whatComesInWhileThePurgeIsOn() {
        purge();
        story.offer(old("old"));
        story.offer(old("old-blocked").blockedBy(Obstacle.noQueue(MAIL)));
        story.offer(task("new", "mail"));
        story.at("1m");
        story.thenSent("new");
        assertToBePurged("old", "old-blocked");
    }

    @Test
    void aRequestInFlightGoesOnAndIsNotRepeated() {
        story.worker.answers("old", Outcome.Answered.of(500));
        story.barriers.shut("send old");
        story.offer(old("old"));
        story.tasks("mail", "new");
        story.soon();
        purge();
        assertToBePurged("old");
        story.at("1m");
        story.thenSent("old");
        story.barriers.open("send old");
        story.at("2h");
        story.thenSent("new");
        assertToBePurged("old");
    }

    @Test
    void whatEndsMeanwhileIsNotToBePurged() {
        story.barriers.shut("send old");
        story.offer(old("old"));
        story.soon();
        purge();
        story.barriers.open("send old");
        story.soon();
        assertToBePurged();
        assertThat(story.journal.of("old")).hasSize(1);
    }

    @Test
    void whatIsEndingIsNotToBePurged() {
        story.applySettings(mail.paused());
        story.barriers.shut("write old");
        story.offer(old("old").expires("10s"));
        story.at("20s");
        purge();
        assertToBePurged();
        assertThat(story.engine.isToBePurged(story.delivery("old"))).isFalse();
        story.barriers.open("write old");
        story.applySettings(mail);
    }

    @Test
    void theAttemptOfAnEarlierProcessEndsFirst() {
        story.offer(old("old").claimed("-1s", "10s"));
        purge();
        assertToBePurged("old");
        story.at("20s");
        assertToBePurged("old");
        story.at("2h");
        story.thenNothingSent();
    }

    @Test
    void aPausedQueueIsPurgedToo() {
        story.applySettings(mail.paused());
        story.offer(old("old"));
        story.tasks("mail", "new");
        purge();
        story.applySettings(mail);
        story.at("1m");
        story.thenSent("new");
    }

    @Test
    void aDeliveryToBePurgedHasNoStatusButStillCounts() {
        story.offer(old("old").due("1h"));
        assertThat(story.status("old")).isNotNull();
        purge();
        assertThat(story.status("old")).isNull();
        assertThat(story.stats("mail").tasks()).isEqualTo(1);
        story.cancel("old");
        assertThat(story.stats("mail").tasks()).isZero();
        assertToBePurged();
    }

    @Test
    void itDoesNotExpireOnTheWay() {
        story.offer(old("old").due("1h").expires("1m"));
        purge();
        story.at("2h");
        assertThat(story.journal.pages).isEmpty();
    }

    @Test
    void calledOffWhatIsLeftWaitsForItsTurnAgain() {
        story.offer(old("old"));
        story.offer(old("old-later").due("1m"));
        purge();
        story.at("10s");
        story.cancel("old");
        story.listener.changed.clear();
        story.engine.endPurge(MAIL);
        assertThat(story.engine.purgingQueues()).isEmpty();
        assertThat(story.listener.changed).containsExactly("old-later");
        assertThat(story.status("old-later")).isNotNull();
        story.at("2m");
        story.thenSent("old-later");
    }

    @Test
    void anEarlierCutoffSparesWhatIsNewer() {
        story.offer(old("old"));
        story.offer(task("older", "mail").created("-1h"));
        purge();
        story.engine.purge(MAIL, StoryClocks.instant("-30m"));
        assertToBePurged("older");
        story.at("1m");
        story.thenSent("old");
    }

    @Test
    void onlyItsOwnQueueIsPurged() {
        story.applySettings(queue("other"));
        story.offer(task("old", "other").created("-1s"));
        purge();
        assertThat(story.engine.purgingQueues()).containsExactly(MAIL);
        story.at("1m");
        story.thenSent("old");
        story.engine.removeQueue(queue("other").id());
    }

    private void purge() {
        story.engine.purge(MAIL, StoryClocks.START);
    }

    /** Due at once, created before the cutoff. */
    private static TestingTask old(String name) {
        return task(name, "mail").created("-1s");
    }

    private void assertToBePurged(String... names) {
        List<Delivery> deliveries = story.engine.toBePurged(MAIL);
        assertThat(deliveries.stream().map(delivery -> delivery.id().task().name()))
                .containsExactlyInAnyOrder(names);
        assertThat(deliveries).allMatch(story.engine::isToBePurged);
    }
}
