package dev.taskqueue.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.RetryPolicy.GiveUp;
import dev.taskqueue.operator.plan.RetrySchedule.End;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {
    private static final Duration UNFINISHED = Duration.ofDays(31);

    /** The test vectors of the retry rule, in printed form. */
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "10s,  300s, 3, 10s 20s 40s 1m20s 2m40s 4m 5m 5m",
        "10s,  200s, 0, 10s 20s 30s 40s 50s 1m 1m10s 1m20s 1m30s 1m40s",
        "10s,  200s, 2, 10s 20s 40s 1m20s 2m 2m40s 3m20s",
        "5s,   600s, 4, 5s 10s 20s 40s 1m20s 2m40s 4m 5m20s 6m40s 8m 9m20s",
    })
    void thePausesAreTheRetryRules(String min, String max, int doublings, String pauses) {
        int attempts = pauses.split(" ", -1).length + 1;
        TestingPlan plan = TestingPlan.reading(
                TestingPlan.queue(
                        "q",
                        "retry: {minBackoff: %s, maxBackoff: %s, maxDoublings: %d, maxAttempts: %d}"
                                .formatted(min, max, doublings, attempts)),
                "--backlog",
                "1");

        assertThat(plan.lines())
                .filteredOn(line -> line.matches("[0-9]+  .*"))
                .extracting(line -> line.split(" {2,}", -1)[1])
                .containsExactlyElementsOf(Arrays.stream(("0s " + pauses).split(" ", -1))
                        .map(pause -> Durations.words(Durations.parse(pause)))
                        .toList());
    }

    @Test
    void theSumOfThePausesIsInTheLastColumn() {
        TestingPlan plan = TestingPlan.reading(
                TestingPlan.queue("q", "retry: {minBackoff: 10s, maxBackoff: 300s, maxDoublings: 3, maxAttempts: 4}"),
                "--backlog",
                "1");

        assertThat(plan.lines())
                .containsSubsequence(
                        "attempt  after        in all",
                        "1  0 s          0 s",
                        "2  10 s         10 s",
                        "3  20 s         30 s",
                        "4  40 s         1m 10s",
                        "It is given up (RetriesExhausted) after 4 attempts in 1m 10s.");
    }

    @Test
    void aLongTableShowsItsBeginningWhereItReachesTheCapAndItsEnd() {
        RetrySchedule table =
                RetrySchedule.shortest(policy(100, "0s", GiveUp.WhenBoth, "100ms", "1h", 0), Duration.ZERO, UNFINISHED);
        TestingPlan plan = TestingPlan.reading(TestingPlan.queue("q", ""), "--backlog", "1");

        assertThat(table.rows().get(17).pause()).isEqualTo(Duration.ofHours(1));
        assertThat(table.rows().get(16).pause()).isLessThan(Duration.ofHours(1));
        assertThat(plan.lines())
                .containsSubsequence(
                        "8  6.4 s        12.7 s", "...  from attempt 18 on 1h apart", "99  1h           3d 11h");
    }

    @ParameterizedTest(name = "maxAttempts {0}, maxRetryDuration {1}, {2}: {3} {4}")
    @CsvSource({
        // 10s 20s 40s 80s 160s, then 300s apart.
        "5,  0s, WhenBoth,   GIVEN_UP, 5,  2m30s",
        "5,  1m, WhenBoth,   GIVEN_UP, 5,  2m30s",
        "5,  1h, WhenBoth,   GIVEN_UP, 17, 1h10s",
        "5,  1h, WhenEither, GIVEN_UP, 5,  2m30s",
        "50, 1h, WhenEither, GIVEN_UP, 17, 1h10s",
        "-1, 1h, WhenBoth,   GIVEN_UP, 17, 1h10s",
        "-1, 1h, WhenEither, GIVEN_UP, 17, 1h10s",
        "-1, 0s, WhenBoth,   EXPIRED,  8932, 744h",
        "-1, 0s, WhenEither, EXPIRED,  8932, 744h",
    })
    void givesUpWhenTheRuleSays(
            int maxAttempts, String maxRetryDuration, GiveUp giveUp, End end, int attempts, String endAt) {
        RetrySchedule table = RetrySchedule.shortest(
                policy(maxAttempts, maxRetryDuration, giveUp, "10s", "300s", 0), Duration.ZERO, UNFINISHED);

        assertThat(table.end()).isEqualTo(end);
        assertThat(table.attempts()).isEqualTo(attempts);
        assertThat(Durations.format(table.endAt())).isEqualTo(endAt);
    }

    @Test
    void pausesCountFromTheEndOfAnAttempt() {
        RetrySchedule table = RetrySchedule.shortest(
                policy(3, "0s", GiveUp.WhenBoth, "10s", "300s", 0), Duration.ofMinutes(10), UNFINISHED);

        assertThat(table.rows().stream().map(row -> Durations.format(row.at())).collect(Collectors.joining(" ")))
                .isEqualTo("0s 10m10s 20m30s");
        assertThat(Durations.format(table.endAt())).isEqualTo("30m30s");
    }

    @Test
    void jitterLengthensThePausesByAtMostItsShare() {
        RetryPolicy retry = policy(3, "0s", GiveUp.WhenBoth, "10s", "300s", 50);

        assertThat(RetrySchedule.shortest(retry, Duration.ZERO, UNFINISHED).endAt())
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(RetrySchedule.longest(retry, Duration.ZERO, UNFINISHED).endAt())
                .isEqualTo(Duration.ofSeconds(45));
    }

    @Test
    void aTableWithoutEndIsLookedAtNoFurther() {
        RetrySchedule table = RetrySchedule.shortest(
                policy(-1, "0s", GiveUp.WhenBoth, "100ms", "100ms", 0), Duration.ZERO, UNFINISHED);

        assertThat(table.end()).isEqualTo(End.GOES_ON);
        assertThat(table.attempts()).isEqualTo(RetrySchedule.MOST);
    }

    private static RetryPolicy policy(
            int maxAttempts, String maxRetryDuration, GiveUp giveUp, String min, String max, int jitter) {
        return new RetryPolicy(
                maxAttempts,
                Durations.parse(maxRetryDuration),
                giveUp,
                Durations.parse(min),
                Durations.parse(max),
                16,
                jitter,
                Set.of());
    }
}
