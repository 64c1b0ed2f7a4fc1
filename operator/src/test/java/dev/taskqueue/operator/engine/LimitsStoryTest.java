package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rate, burst, concurrency and pause: the promises of a queue's settings, also while they change. */
class LimitsStoryTest {
    private final Story story = new Story();

    @ParameterizedTest(name = "{0}/s with a burst of {1}")
    @CsvSource({"10, 10", "100, 20", "7.5, 2", "333, 67", "0.5, 3"})
    void noWindowSeesMoreThanItsShareAndAMinuteOfBacklogSeesAllOfIt(double rate, int burst) {
        story.applySettingsAfterRestart(queue("mail").rate(rate, burst));
        story.crowd("mail", "t", (int) (rate * 70) + burst);
        story.at("1m");
        List<Long> times = story.worker.requests.stream()
                .map(attempt -> Duration.between(StoryClocks.START, attempt.dispatchedAt())
                        .toMillis())
                .toList();
        assertThat((double) times.size()).isBetween(Math.floor(rate * 60 * 0.998), rate * 60);
        for (int first = 0; first < times.size(); first++) {
            for (int last = first; last < Math.min(times.size(), first + 500); last++) {
                double allowed = burst + rate * (times.get(last) - times.get(first)) / 1000;
                assertThat(last - first + 1.0).isLessThanOrEqualTo(allowed + 1e-6);
            }
        }
    }

    @Test
    void aSmallBurstDoesNotSlowARateDownWhosePreparationsTakeTime() {
        story.applySettingsAfterRestart(queue("mail").rate(100, 1));
        story.barriers.takes("prepare *", _ -> Duration.ofMillis(15));
        story.crowd("mail", "t", 6100);
        story.at("1m");
        assertThat((double) story.sent().size()).isBetween(6000 * 0.995, 6001.0);
    }

    @Test
    void aPauseCountsUpToTheDoor() {
        story.applySettings(queue("mail"));
        story.worker.beforeSending("a", () -> story.applySettings(queue("mail").paused()));
        story.tasks("mail", "a");
        story.at("1m");
        story.thenNothingSent();
        assertThat(story.stats("mail").dispatching()).isZero();
        story.applySettings(queue("mail"));
        story.soon();
        story.thenSent("a");
    }

    @Test
    void aNewQueueBurstsAndOneAfterARestartDoesNot() {
        story.applySettings(queue("new").rate(1, 5));
        story.applySettingsAfterRestart(queue("old").rate(1, 5));
        story.crowd("new", "n", 9);
        story.crowd("old", "o", 9);
        story.soon();
        story.thenSent("n0", "n1", "n2", "n3", "n4");
        story.at("1s1ms");
        assertThat(story.sent().subList(5, story.sent().size())).containsExactlyInAnyOrder("n5", "o0");
    }

    @Test
    void retriesAndFirstAttemptsShareTheBucket() {
        story.applySettings(queue("mail").rate(1, 1).backoff("1s", "1s", 0));
        story.worker.answers("a", Outcome.Answered.of(500), Outcome.Answered.of(500));
        story.tasks("mail", "a", "b", "c");
        story.at("10s");
        story.thenSent("a", "b", "c", "a", "a");
        assertThat(story.timesOf("a")).containsExactly("0s", "3s", "4s");
    }

    @Test
    void neverMoreThanMaxConcurrentAreOpenAlsoWhenTheLimitFallsOrRises() {
        story.applySettings(queue("mail").concurrent(5));
        story.barriers.shut("send *");
        story.crowd("mail", "t", 40);
        story.at("1s");
        assertThat(story.openRequests("mail")).isEqualTo(5);

        story.applySettings(queue("mail").concurrent(2));
        story.barriers.open("send *");
        story.barriers.shut("send *");
        story.at("2s");
        assertThat(story.openRequests("mail")).isEqualTo(2);

        story.applySettings(queue("mail").concurrent(7));
        story.soon();
        assertThat(story.openRequests("mail")).isEqualTo(7);
    }

    @Test
    void aLowerLimitLetsGoNoneUntilEnoughHaveEnded() {
        story.applySettings(queue("mail").concurrent(3));
        for (String name : new String[] {"a", "b", "c"}) {
            story.barriers.shut("send " + name);
        }
        story.tasks("mail", "a", "b", "c", "d");
        story.soon();
        story.thenSent("a", "b", "c");
        story.applySettings(queue("mail").concurrent(1));
        story.barriers.open("send a");
        story.at("1s");
        story.barriers.open("send b");
        story.at("2s");
        story.thenNothingSent();
        story.barriers.open("send c");
        story.soon();
        story.thenSent("d");
    }

    @Test
    void theSlotIsHeldUntilTheOutcomeIsWritten() {
        story.applySettings(queue("mail").concurrent(1));
        story.barriers.shut("write a");
        story.tasks("mail", "a", "b");
        story.at("30s");
        story.thenSent("a");
        assertThat(story.openRequests("mail")).isZero();
        assertThat(story.stats("mail").dispatching()).isEqualTo(1);
        story.barriers.open("write a");
        story.soon();
        story.thenSent("b");
    }

    @Test
    void aPausedQueueSendsNothingAndFinishesWhatIsInFlight() {
        story.applySettings(queue("mail").concurrent(1));
        story.barriers.shut("send a");
        story.tasks("mail", "a", "b");
        story.soon();
        story.applySettings(queue("mail").concurrent(1).paused());
        story.barriers.open("send a");
        story.at("5m");
        story.thenSent("a");
        assertThat(story.journal.last("a")).isInstanceOf(Journal.Entry.Finished.class);
        assertThat(story.status("b")).isEqualTo(new DeliveryStatus.Queued(StoryClocks.START));

        story.applySettings(queue("mail").concurrent(1));
        story.soon();
        story.thenSent("b");
    }

    @Test
    void aQueueThatIsPausedFromTheStartLooksAtNothing() {
        story.applySettings(queue("mail").paused());
        story.tasks("mail", "a");
        story.at("1h");
        assertThat(story.worker.looks).isEmpty();
        assertThat(story.time.nextAlarm()).isNull();
    }

    @Test
    void aRateCutToAHundredthCountsAtOnceAndSoDoesItsReturn() {
        story.applySettingsAfterRestart(queue("mail").rate(100, 20));
        story.crowd("mail", "t", 3000);
        story.at("10s");
        assertThat(story.sent().size()).isBetween(998, 1000);
        story.applySettings(queue("mail").rate(1, 1));
        int before = story.sent().size();
        story.at("20s");
        assertThat(story.sent().size() - before).isBetween(9, 11);
        story.applySettings(queue("mail").rate(100, 20));
        before = story.sent().size();
        story.at("30s");
        assertThat(story.sent().size() - before).isBetween(997, 1001);
    }

    @Test
    void oneQueueNeverWaitsForAnother() {
        story.applySettings(queue("slow").rate(0.001, 1));
        story.applySettings(queue("fast").rate(100, 10));
        story.crowd("slow", "s", 500);
        story.at("1s");
        story.thenSent("s0");
        story.tasks("fast", "f");
        story.soon();
        story.thenSent("f");
    }

    @Test
    void settingsMayComeAfterTheTasks() {
        story.offer(task("a", "mail").due("1s"));
        story.at("5s");
        story.thenNothingSent();
        Instant appliedAt = story.clocks.instant();
        story.applySettings(queue("mail"));
        story.at("6s");
        story.thenSent("a");
        assertThat(story.worker.requests.getFirst().dispatchedAt()).isEqualTo(appliedAt);
    }
}
