package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Queues that do not exist yet, are deleted, and exist again; and the engine's reports about them. */
class QueueStoryTest {
    private final Story story = new Story();
    private final TestingQueue mail = queue("mail");

    @Test
    void aTaskOfAMissingQueueWaitsAndSaysForWhat() {
        story.tasks("mail", "a");
        story.at("1h");
        story.thenNothingSent();
        assertThat(story.worker.looks).isEmpty();
        assertThat(story.status("a")).isInstanceOfSatisfying(DeliveryStatus.Blocked.class, blocked -> {
            assertThat(blocked.obstacle().reason()).isEqualTo(Obstacle.Reason.QueueNotFound);
            assertThat(blocked.obstacle().message()).contains("shop/mail").contains("create it");
        });
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Obstacle.Reason.QueueNotFound, 1));
        story.listener.changed.clear();
        story.applySettings(mail);
        story.soon();
        story.thenSent("a");
        assertThat(story.listener.changed).contains("a");
    }

    @Test
    void aDeletedQueueSendsNothingFinishesWhatIsInFlightAndGoesOnWhenItIsBack() {
        story.applySettings(mail.concurrent(2));
        story.barriers.shut("send a");
        story.worker.answers("b", Outcome.Answered.of(500));
        story.tasks("mail", "a", "b");
        story.offer(task("c", "mail").due("30s"));
        story.soon();
        story.engine.removeQueue(mail.id());
        assertThat(story.time.nextAlarm()).isNull();
        story.worker.answers("a", Outcome.Answered.of(500));
        story.barriers.open("send a");
        story.at("10m");
        story.thenSent("a", "b");
        assertThat(story.journal.last("a")).isInstanceOf(Journal.Entry.BackingOff.class);
        assertThat(story.status("c")).isInstanceOf(DeliveryStatus.Blocked.class);

        story.applySettings(mail.concurrent(2));
        story.at("11m");
        assertThat(story.sent().subList(2, 5)).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void ofADeletedQueueNothingStaysBehindOnceItsLastRequestHasEnded() {
        story.applySettings(mail);
        story.barriers.shut("send a");
        story.tasks("mail", "a");
        story.soon();
        story.engine.removeQueue(mail.id());
        assertThat(story.engine.stats()).hasSize(1);
        story.barriers.open("send a");
        story.soon();
        assertThat(story.engine.stats()).isEmpty();
    }

    @Test
    void aQueueThatComesBackUnderItsNameHasItsOwnLimits() {
        story.applySettings(mail);
        story.engine.removeQueue(mail.id());
        story.applySettings(mail.rate(1, 1).concurrent(1));
        story.crowd("mail", "t", 5);
        story.at("2s");
        story.thenSent("t0", "t1", "t2");
    }

    @Test
    void theCountsOfAQueueAreExact() {
        story.applySettings(mail.concurrent(2).rate(500, 100));
        story.barriers.shut("send open");
        story.barriers.shut("write unwritten");
        story.worker.answers("failed", Outcome.Answered.of(500));
        Obstacle.Subject service = Story.subject(Obstacle.Kind.Service, "web");
        story.worker.breaks(Obstacle.Reason.NoReadyEndpoint, service);
        story.worker.needs("blocked", service);
        story.tasks("mail", "failed", "blocked");
        story.soon();
        story.tasks("mail", "open", "unwritten");
        story.offer(task("waiting", "mail").due("2s"));
        story.offer(task("future1", "mail").due("1h"));
        story.offer(task("future2", "mail").due("2h"));
        story.at("3s");
        assertThat(story.stats("mail"))
                .isEqualTo(new QueueStats(
                        2,
                        2,
                        2,
                        1,
                        StoryClocks.START,
                        2,
                        500.0,
                        Map.of(Obstacle.Reason.NoReadyEndpoint, 1),
                        example("blocked"),
                        story.stats("mail").dueHours()));
        assertThat(story.stats("mail").tasks()).isEqualTo(7);
        assertThat(story.engine.inFlight())
                .containsExactlyInAnyOrder(story.delivery("open"), story.delivery("unwritten"));
        story.at("2m");
        assertThat(story.stats("mail").executedLastMinute()).isZero();
    }

    @Test
    void whatIsDueLaterIsCountedByTheHourAndWhatWaitsForSomethingElseIsNot() {
        story.applySettings(mail.concurrent(2).rate(500, 100));
        story.worker.answers("retry", Outcome.Answered.of(500));
        story.tasks("mail", "retry");
        story.offer(task("a", "mail").due("1h"));
        story.offer(task("b", "mail").due("90m"));
        story.offer(task("far", "mail").due("2000h"));
        story.offer(task("blocked", "mail")
                .due("2000h")
                .blockedBy(new Obstacle(
                        Obstacle.Reason.LimitExceeded,
                        new Obstacle.Subject(Obstacle.Kind.Setting, "shop", "ahead"),
                        "Too far.")));
        story.soon();
        QueueStats stats = story.stats("mail");
        Instant first = StoryClocks.START.truncatedTo(ChronoUnit.HOURS);
        Map<Instant, Integer> byHour = stats.dueHours().byHour();
        assertThat(byHour)
                .containsEntry(first.plus(Duration.ofHours(2000)), 1)
                .containsKey(first.plus(Duration.ofHours(1)));
        assertThat(byHour.values().stream().mapToInt(number -> number).sum())
                .isEqualTo(stats.scheduled() + stats.backingOff())
                .isEqualTo(4);
        story.at("59m");
        assertThat(story.stats("mail").dueHours().byHour())
                .containsEntry(first.plus(Duration.ofHours(2000)), 1)
                .containsKey(first.plus(Duration.ofHours(1)));
    }

    @Test
    void afterTheFirst25HoursOnlyTheNumberIsTold() {
        story.applySettings(mail);
        for (int hour = 1; hour <= 30; hour++) {
            story.offer(task("t" + hour, "mail").due(3 * hour + "h"));
        }
        DueHours due = story.stats("mail").dueHours();
        assertThat(due.byHour()).hasSize(DueHours.MOST);
        assertThat(due.later()).isEqualTo(5);
        assertThat(Collections.max(due.byHour().keySet()))
                .isEqualTo(StoryClocks.START.plus(Duration.ofHours(75)).truncatedTo(ChronoUnit.HOURS));
    }

    private QueueStats.Example example(String task) {
        var blocked = (DeliveryStatus.Blocked) Objects.requireNonNull(story.status(task));
        return new QueueStats.Example(story.delivery(task).id(), blocked.obstacle());
    }

    @Test
    void aTaskThatIsTooFarAheadCountsAsItsStatusSays() {
        story.applySettings(mail);
        Obstacle tooFar = new Obstacle(
                Obstacle.Reason.LimitExceeded,
                new Obstacle.Subject(Obstacle.Kind.Setting, "shop", "ahead"),
                "Too far.");
        for (String name : List.of("a", "b", "c")) {
            story.offer(task(name, "mail").due("2000h").blockedBy(tooFar));
        }
        story.offer(task("soon", "mail").due("1h"));
        QueueStats stats = story.stats("mail");
        assertThat(stats.waiting()).isEqualTo(Map.of(Obstacle.Reason.LimitExceeded, 3));
        assertThat(stats.queued()).isEqualTo(3);
        assertThat(stats.scheduled()).isEqualTo(1);
        assertThat(stats.tasks()).isEqualTo(4);
        assertThat(stats.example()).isEqualTo(example("a"));
        assertThat(stats.oldestDueAt()).isNull();
        assertThat(story.engine.isBlocked(mail.id())).isTrue();
    }

    @Test
    void everyTaskOfAMissingQueueWaitsForItAlsoBeforeItIsDue() {
        story.tasks("mail", "due");
        story.offer(task("later", "mail").due("1h"));
        assertThat(story.status("later")).isInstanceOf(DeliveryStatus.Blocked.class);
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Obstacle.Reason.QueueNotFound, 2));
        assertThat(story.stats("mail").queued()).isEqualTo(2);
        assertThat(story.stats("mail").scheduled()).isZero();
    }

    @Test
    void theOldestDueTimeIsThatOfADueTask() {
        story.applySettings(mail.paused());
        story.offer(task("later", "mail").due("1h"));
        assertThat(story.stats("mail").oldestDueAt()).isNull();
        story.offer(task("now", "mail").due("1s"));
        story.at("2s");
        assertThat(story.stats("mail").oldestDueAt()).isEqualTo(StoryClocks.instant("1s"));
    }

    @Test
    void everyStateHasItsStatus() {
        story.applySettings(mail.concurrent(1));
        story.barriers.shut("send open");
        story.worker.answers("failed", Outcome.Answered.of(500));
        story.tasks("mail", "failed");
        story.soon();
        story.tasks("mail", "open");
        story.at("1s");
        story.tasks("mail", "waiting");
        story.offer(task("future", "mail").due("1h"));
        story.soon();
        assertThat(story.status("failed")).isEqualTo(new DeliveryStatus.BackingOff(StoryClocks.instant("10s")));
        assertThat(story.status("waiting")).isEqualTo(new DeliveryStatus.Queued(StoryClocks.instant("1s")));
        assertThat(story.status("future")).isEqualTo(new DeliveryStatus.Scheduled(StoryClocks.instant("1h")));
        assertThat(story.status("open")).isInstanceOfSatisfying(DeliveryStatus.Dispatching.class, open -> {
            assertThat(open.dispatchedAt()).isEqualTo(StoryClocks.START);
            assertThat(open.deadlineAt()).isEqualTo(StoryClocks.START.plus(TestingDispatcher.DEADLINE));
            assertThat(open.before().dispatches()).isZero();
        });
    }

    @Test
    void aTaskThatCanNeverBeSentEndsAtOnceWithItsReason() {
        var ending = new Ending(Ending.Reason.InvalidSpec, "spec is missing");
        story.offer(task("bad", "mail").ends(ending, StoryClocks.START));
        story.soon();
        assertThat(story.journal.last("bad"))
                .isEqualTo(new Journal.Entry.Finished(AttemptHistory.NONE, ending, StoryClocks.START));
        assertThat(story.listener.endings).containsExactly(Ending.Reason.InvalidSpec);
    }
}
