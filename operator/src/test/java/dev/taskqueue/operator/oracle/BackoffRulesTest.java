package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10s  | 300s  | 3  | 10 20 40 80 160 240 300 300",
                "10s  | 200s  | 0  | 10 20 30 40 50",
                "10s  | 200s  | 2  | 10 20 40 80 120 160 200",
                "5s   | 600s  | 4  | 5 10 20 40 80 160 240 320 400 480 560 600 600",
            })
    void theVectorsOfTheContract(String min, String max, int doublings, String seconds) {
        QueueSpec.Retry retry = QueueSpec.of(History.json("{'retry': {'minBackoff': '" + min + "', 'maxBackoff': '"
                        + max + "', 'maxDoublings': " + doublings + "}}"))
                .retry();
        List<String> intervals = new ArrayList<>();
        for (int n = 1; n <= seconds.split(" ").length; n++) {
            intervals.add("" + retry.interval(n) / 1_000_000_000);
        }
        assertThat(String.join(" ", intervals)).isEqualTo(seconds);
    }

    @Test
    void theSlowestVectorReachesItsCapAtRetry17() {
        QueueSpec.Retry retry = QueueSpec.of(null).retry();
        assertThat(retry.interval(16)).isLessThan(3_600_000_000_000L);
        assertThat(retry.interval(17)).isEqualTo(3_600_000_000_000L);
    }

    @Test
    void notBeforeTheEndOfTheBackoff() {
        catches("RetriedEarly", story -> retried(story, 14), story -> retried(story, 13));
    }

    /** The worker answers after 3 s, and the pause of 10 s counts from there. */
    private static void retried(History story, double at) {
        story.queue("q", "{'retry': {'minBackoff': '10s'}}").task("t", "{}");
        long first = story.at(1).send("a", "t", 1);
        story.at(4).answer(first, 500).backOff("a", "t");
        story.status("a", "t", "{'nextAttemptTime': '2026-11-20T08:00:14Z'}");
        story.at(at).deliver("a", "t", 2);
    }

    @Test
    void anotherProcessGoesByItsWallClock() {
        catches("RetriedEarly", story -> failOver(story, 40), story -> failOver(story, 20));
    }

    private static void failOver(History story, double at) {
        story.queue("q", "{'retry': {'minBackoff': '30s'}}").task("t", "{}").start("b");
        story.at(1).answer(story.send("a", "t", 1), 500).backOff("a", "t");
        story.status("a", "t", "{'nextAttemptTime': '2026-11-20T08:00:31Z'}").crash("a");
        story.at(17).lead("b").at(at).deliver("b", "t", 2);
    }

    @Test
    void runNowIgnoresTheBackoffOnce() {
        catches("RetriedEarly", story -> runNow(story, 1), story -> runNow(story, 2));
    }

    private static void runNow(History story, int times) {
        story.queue("q", "{'retry': {'minBackoff': '30s'}}").task("t", "{}");
        story.at(1).answer(story.send("a", "t", 1), 500).backOff("a", "t");
        story.at(2).annotate("Task", "t", "run-now", "x");
        for (int i = 0; i < times; i++) {
            story.at(3 + i).answer(story.send("a", "t", 2 + i), 500).backOff("a", "t");
        }
        story.at(times == 1 ? 64 : 125).deliver("a", "t", 2 + times);
    }

    /** The backoff counts from the run-now that made the attempt. */
    @Test
    void aRunNowWhileTheAttemptOfAnEarlierOneIsInFlightMovesNoBackoff() {
        assertThat(broken(story -> {
                    story.queue("q", "{'retry': {'minBackoff': '30s'}}").task("t", "{}");
                    story.at(1).answer(story.send("a", "t", 1), 500).backOff("a", "t");
                    story.at(2).annotate("Task", "t", "run-now", "x");
                    long attempt = story.at(2.01).send("a", "t", 2);
                    story.at(4).annotate("Task", "t", "run-now", "y");
                    story.at(5).answer(attempt, 500).mend("{'lastHandledRunNow': 'y'}");
                    story.backOff("a", "t").at(62.1).deliver("a", "t", 3);
                }))
                .isEmpty();
    }

    @Test
    void theHeadersTellTheAttempt() {
        assertThat(broken(story -> headers(story, Map.of()))).isEmpty();
        for (String header : List.of(
                "idempotency-key",
                "taskqueue-namespace",
                "taskqueue-max-attempts",
                "x-cloudtasks-queuename",
                "x-cloudtasks-taskname",
                "x-cloudtasks-taskretrycount",
                "x-cloudtasks-taskexecutioncount",
                "x-cloudtasks-taskpreviousresponse")) {
            assertThat(broken(story -> headers(story, Map.of(header, "7"))))
                    .as(header)
                    .contains(header.equals("idempotency-key") ? "UnknownTask" : "HeaderWrong");
        }
        assertThat(broken(story -> headers(story, Map.of("x-cloudtasks-taskpreviousresponse", "absent"))))
                .contains("HeaderWrong");
    }

    private static void headers(History story, Map<String, String> others) {
        story.queue("q", "{'retry': {'minBackoff': '1s'}}").task("t", "{}");
        story.at(1).answer(story.send("a", "t", 1), 404).outcome("a", "t", "BackingOff", "BackingOff", 404);
        story.at(3).answer(story.send("a", "t", 2, others), 200).succeed("a", "t");
    }
}
