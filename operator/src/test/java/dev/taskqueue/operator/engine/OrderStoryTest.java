package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The order and the times in which deliveries are sent. */
class OrderStoryTest {
    private final Story story = new Story();

    @Test
    void whatIsDueEarlierLeavesEarlierWhateverCameFirst() {
        story.applySettings(queue("mail").rate(1, 1));
        story.offer(task("third", "mail").due("3s"));
        story.offer(task("first", "mail").due("1s"));
        story.offer(task("second", "mail").due("2s"));
        story.at("10s");
        story.thenSent("first", "second", "third");
    }

    @Test
    void whatIsDueAtTheSameTimeLeavesAsItArrived() {
        story.applySettings(queue("mail").rate(2, 1));
        for (String name : new String[] {"e", "a", "d", "b", "c"}) {
            story.offer(task(name, "mail").due("5s"));
        }
        story.at("10s");
        story.thenSent("e", "a", "d", "b", "c");
    }

    @Test
    void nothingLeavesBeforeItsTimeAndAllOfItThen() {
        story.applySettings(queue("mail"));
        story.offer(task("report", "mail").due("10s"));
        story.at("9s999ms");
        story.thenNothingSent();
        story.at("10s");
        story.thenSent("report");
        assertThat(story.timesOf("report")).containsExactly("10s");
    }

    @Test
    void anAlarmThatRingsEarlySendsNothingEarlyAndIsSetAgain() {
        TestingQueue mail = queue("mail");
        story.applySettings(mail);
        story.offer(task("report", "mail").due("10s"));
        for (String early : new String[] {"1s", "8s999ms", "9s", "9s500ms", "9s999ms"}) {
            story.at(early);
            story.engine.ring(mail.id());
            story.engine.ring(mail.id());
            story.soon();
            story.thenNothingSent();
            assertThat(story.time.nextAlarm()).isNotNull();
        }
        story.at("11s");
        assertThat(story.timesOf("report")).containsExactly("10s");
    }

    @Test
    void aDueTimeInsideAMillisecondIsRoundedUp() {
        story.applySettings(queue("mail"));
        story.offer(task("report", "mail").due(StoryClocks.START.plusNanos(10_000_000_001L)));
        story.at("20s");
        assertThat(story.worker.requests.getFirst().dispatchedAt()).isEqualTo(StoryClocks.START.plusMillis(10_001));
    }

    @Test
    void theListenerHearsOfATaskWhoseTimeHasComeButNotItsTurn() {
        story.applySettings(queue("mail").paused());
        story.offer(task("report", "mail").due("7s"));
        story.listener.changed.clear();
        story.at("6s");
        assertThat(story.listener.changed).isEmpty();
        story.at("10s");
        assertThat(story.listener.changed).containsExactly("report");
        story.listener.changed.clear();
        story.at("20s");
        assertThat(story.listener.changed).isEmpty();
    }

    @Test
    void theListenerHearsHowLateEachRequestLeft() {
        story.applySettings(queue("mail").rate(1, 1));
        story.tasks("mail", "a", "b", "c");
        story.at("10s");
        assertThat(story.listener.lateness).extracting(Duration::toMillis).containsExactly(0L, 1000L, 2000L);
    }

    @Test
    void aSlowPreparationHoldsBackLaterOnesForFiftyMilliseconds() {
        story.applySettings(queue("mail"));
        story.barriers.shut("prepare slow");
        story.tasks("mail", "slow", "quick");
        story.at("49ms");
        story.thenNothingSent();
        story.at("50ms");
        story.thenSent("quick");
        story.at("30s");
        story.barriers.open("prepare slow");
        story.soon();
        story.thenSent("slow");
    }

    @Test
    void aPreparationThatTakesLittleTimeDoesNotChangeTheOrder() {
        story.applySettings(queue("mail"));
        story.barriers.takes("prepare large", _ -> Duration.ofMillis(49));
        story.tasks("mail", "large", "small");
        story.at("1s");
        story.thenSent("large", "small");
        assertThat(story.timesOf("small")).containsExactly("49ms");
    }

    @Test
    void aSlowPreparationHoldsUpASlowQueueNoLongerThanAFastOne() {
        story.applySettings(queue("mail").rate(0.5, 1));
        story.barriers.shut("prepare slow");
        story.tasks("mail", "slow", "a", "b");
        story.at("100ms");
        story.thenSent("a");
        story.at("2s200ms");
        story.thenSent("b");
    }

    @Test
    void whatIsDueNowNeedNotWaitForWhatIsOnlyPreparedAhead() {
        story.applySettings(queue("mail").rate(1, 3));
        for (int i = 0; i < 5; i++) {
            story.offer(task("batch" + i, "mail").due("10s"));
        }
        story.at("9s100ms");
        story.thenNothingSent();
        story.offer(task("urgent", "mail").due("9s100ms"));
        story.soon();
        story.thenSent("urgent");
        story.at("10s");
        story.thenSent("batch0", "batch1");
    }

    @Test
    void whatWasPreparedLongAgoIsPreparedAnew() {
        story.applySettings(queue("mail").rate(1, 1));
        story.offer(task("early", "mail").due("10s"));
        story.at("9s500ms");
        assertThat(story.worker.looks).containsExactly("early");
        story.applySettings(queue("mail").rate(1, 1).paused());
        story.at("14s");
        story.applySettings(queue("mail").rate(1, 1));
        story.soon();
        assertThat(story.worker.looks).containsExactly("early");
        story.thenSent("early");

        story.offer(task("late", "mail").due("20s"));
        story.at("19s500ms");
        story.applySettings(queue("mail").rate(1, 1).paused());
        story.at("26s");
        story.applySettings(queue("mail").rate(1, 1));
        story.soon();
        assertThat(story.worker.looks).containsExactly("early", "late", "late");
        story.thenSent("late");
    }

    @Test
    void aPreparationThatTakesVeryLongIsNotStaleWhenItEnds() {
        story.applySettings(queue("mail"));
        story.barriers.takes("prepare *", _ -> Duration.ofSeconds(8));
        story.tasks("mail", "a");
        story.at("60s");
        assertThat(story.timesOf("a")).containsExactly("8s");
    }

    @Test
    void aProbeThatIsDueMuchLaterDoesNotTakeTheRoomOfOthers() {
        story.applySettings(queue("mail").rate(0.5, 1));
        var secret = new Obstacle(
                Obstacle.Reason.SourceNotFound, Story.subject(Obstacle.Kind.Secret, "key"), "Create Secret key.");
        story.offer(task("nextWeek", "mail").due("168h").blockedBy(secret));
        story.at("3s");
        assertThat(story.worker.looks).containsExactly("nextWeek");
        story.offer(task("a", "mail").due("21s300ms"));
        story.at("1m");
        story.thenSent("a");
        assertThat(story.timesOf("a")).containsExactly("21s300ms");
        story.at("168h1s");
        story.thenSent("nextWeek");
        assertThat(story.timesOf("nextWeek")).containsExactly("168h");
    }
}
