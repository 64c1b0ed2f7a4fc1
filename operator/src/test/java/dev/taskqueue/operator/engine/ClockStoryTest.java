package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody sets the wall clock. Schedule times follow the new time within a second, and waits continue unchanged. Times in a story are monotonic. */
class ClockStoryTest {
    private final Story story = new Story();

    @ParameterizedTest(name = "by {0} s")
    @ValueSource(longs = {-3600, -40, 3600})
    void theRateIsKept(long seconds) {
        story.applySettingsAfterRestart(queue("mail").rate(1, 1));
        story.crowd("mail", "t", 30);
        story.at("3500ms");
        step(seconds);
        story.at("20s");
        assertThat(story.sent()).hasSize(20);
    }

    @ParameterizedTest(name = "by {0} s")
    @ValueSource(longs = {-3600, -40, 3600})
    void aBackoffIsNeitherShortenedNorStretched(long seconds) {
        story.applySettings(queue("mail").backoff("10s", "10s", 0));
        story.worker.answers("a", Outcome.Answered.of(500));
        story.tasks("mail", "a");
        story.at("2s");
        story.thenSent("a");
        step(seconds);
        // This makes the lane look for work at once.
        story.offer(task("later", "mail").due("24h"));
        story.at("9900ms");
        story.thenNothingSent();
        story.at("10s");
        story.thenSent("a");
    }

    @ParameterizedTest(name = "by {0} s")
    @ValueSource(longs = {-3600, -40, 3600})
    void aClaimOfAnEarlierProcessLastsAsLong(long seconds) {
        story.applySettingsAfterRestart(queue("mail"));
        story.offer(task("a", "mail").due("-30s").claimed("-20s", "1m"));
        story.at("2s");
        step(seconds);
        story.at("59900ms");
        assertThat(story.journal.asked).isZero();
        story.at("1m");
        assertThat(story.journal.asked).isEqualTo(1);
    }

    /** The alarm of the Task comes before the comparison of the clocks, which happens once a second. */
    @Test
    void whatIsNotDueYetWhenTheClockIsSetBackWaitsForItsTime() {
        story.applySettings(queue("mail"));
        story.offer(task("a", "mail").due("500ms"));
        story.at("400ms");
        step(-40);
        story.at("40400ms");
        story.thenNothingSent();
        story.at("40500ms");
        story.thenSent("a");
    }

    /** The outcome is being written while somebody sets the clock, so its due time is of the former time. */
    @ParameterizedTest(name = "by {0} s")
    @ValueSource(longs = {-3600, -40, 3600})
    void aBackoffThatBeganBeforeTheStepAndIsWrittenAfterItLastsAsLong(long seconds) {
        story.applySettings(queue("mail").backoff("10s", "10s", 0));
        story.worker.answers("a", Outcome.Answered.of(500));
        story.barriers.shut("write a");
        story.tasks("mail", "a");
        story.at("2s");
        story.thenSent("a");
        step(seconds);
        story.at("4s");
        story.barriers.open("write a");
        story.at("9900ms");
        story.thenNothingSent();
        story.at("10s");
        story.thenSent("a");
    }

    @ParameterizedTest(name = "by {0} s")
    @ValueSource(longs = {-3600, -40, 3600})
    void anObstacleIsProbedAsOften(long seconds) {
        story.applySettings(queue("mail"));
        story.worker.finds(
                "a",
                new Obstacle(
                        Obstacle.Reason.SourceNotFound,
                        Story.subject(Obstacle.Kind.Secret, "key"),
                        "There is no key."));
        story.tasks("mail", "a");
        story.at("10s");
        step(seconds);
        story.worker.finds("a", null);
        story.at("40s");
        story.thenSent("a");
    }

    @Test
    void whatTheFenceHeldBackDuringAStepBackLeavesAtOnce() {
        story.applySettings(queue("mail"));
        story.worker.beforeSending("a", () -> {
            story.fence.close();
            step(-3600);
        });
        story.tasks("mail", "a");
        story.at("2s");
        story.thenNothingSent();
        story.fence.reopen();
        story.at("10s");
        story.thenSent("a");
    }

    @ParameterizedTest(name = "by {0} s")
    @ValueSource(longs = {-3600, -40, 3600})
    void theWindowsOfThrottlingGoOn(long seconds) {
        story.applySettings(queue("mail").rate(100, 20).backoff("1h", "1h", 0).adaptive());
        story.worker.otherwise((_, _) -> Outcome.Answered.of(503));
        story.crowd("mail", "t", 1000);
        story.at("4s");
        step(seconds);
        story.at("5s");
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(70);
        story.at("10s");
        assertThat(story.stats("mail").enforcedPerSecond()).isEqualTo(49);
    }

    @Test
    void anEndByTimeFollowsTheClock() {
        story.applySettings(queue("mail").paused());
        story.offer(task("early", "mail").due("0s").expires("1h"));
        story.offer(task("late", "mail").due("0s").expires("10s"));
        story.at("5s");
        step(-40);
        story.at("49900ms");
        assertThat(story.journal.asked).isZero();
        story.at("55s");
        assertThat(story.journal.last("late").history().dispatches()).isZero();
        assertThat(story.journal.asked).isEqualTo(1);
        step(3600);
        story.at("60s");
        assertThat(story.journal.asked).isEqualTo(2);
        story.thenNothingSent();
    }

    @Test
    void aScheduleTimeThatAStepForwardPassesIsNoticedWithinASecond() {
        story.applySettings(queue("mail"));
        story.offer(task("a", "mail").due("1h"));
        story.at("5s");
        step(3600);
        story.at("6s");
        story.thenSent("a");
    }

    @Test
    void aScheduleTimeMovesAwayWithAStepBack() {
        story.applySettings(queue("mail"));
        story.offer(task("a", "mail").due("10s"));
        story.at("5s");
        step(-40);
        story.at("49900ms");
        story.thenNothingSent();
        story.at("50s");
        story.thenSent("a");
    }

    private void step(long seconds) {
        story.clocks.step(Duration.ofSeconds(seconds));
    }
}
