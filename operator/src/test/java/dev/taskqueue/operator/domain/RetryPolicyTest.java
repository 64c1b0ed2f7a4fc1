package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.RetryPolicy.GiveUp;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryPolicyTest {
    private static final Instant FIRST = Instant.parse("2026-11-21T09:00:00Z");
    private static final RandomGenerator LOWEST = () -> 0L;
    private static final RandomGenerator HIGHEST = () -> -1L;
    private static final RetryPolicy POLICY = new RetryPolicy(
            RetryPolicy.UNLIMITED,
            Duration.ZERO,
            GiveUp.WhenEither,
            Duration.ofSeconds(10),
            Duration.ofSeconds(300),
            3,
            0,
            Set.of(400, 410));

    @ParameterizedTest(name = "{0} up to {1}, {2} doublings: {3}")
    @CsvSource({
        "10s, 5m, 3, 10 20 40 80 160 240 300 300",
        "10s, 200s, 0, 10 20 30 40 50 60 70 80 90 100 110 120 130 140 150 160 170 180 190 200 200",
        "10s, 200s, 2, 10 20 40 80 120 160 200",
        "5s, 10m, 4, 5 10 20 40 80 160 240 320 400 480 560 600 600",
        "1s, 1h, 5, 1 2 4 8 16 32 64 96 128",
        "30s, 10s, 3, 10 10",
    })
    void intervalsDoubleThenGrowBySteadyStepsUpToTheCap(String min, String max, int doublings, String seconds) {
        RetryPolicy policy = backoff(min, max, doublings);
        List<Duration> expected = Arrays.stream(seconds.split(" "))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .toList();
        List<Duration> intervals = IntStream.rangeClosed(1, expected.size())
                .mapToObj(policy::interval)
                .toList();
        assertThat(intervals).isEqualTo(expected);
    }

    @Test
    void aTenthOfASecondWithSixteenDoublingsReachesAnHourAtRetrySeventeen() {
        RetryPolicy policy = backoff("100ms", "1h", 16);
        assertThat(policy.interval(1)).isEqualTo(Duration.ofMillis(100));
        assertThat(policy.interval(16)).isEqualTo(Duration.ofMillis(3_276_800));
        assertThat(policy.interval(17)).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18, 64, 65, 1100, 1_000_000, Integer.MAX_VALUE})
    void lateRetriesStayAtTheCapHoweverLargeTheNumber(int retry) {
        assertThat(backoff("100ms", "1h", 16).interval(retry)).isEqualTo(Duration.ofHours(1));
        assertThat(backoff("10s", "5m", 0).interval(Math.max(30, retry))).isEqualTo(Duration.ofMinutes(5));
    }

    /** Attempts and age are below, at and above limits of 3 attempts and 60 s. The values -1 and 0s mean that the limit is not set. */
    @ParameterizedTest(name = "{0}: {1} attempts, {2} at most, after {3} of {4}: given up {5}")
    @CsvSource({
        "WhenBoth, -1, 0s, 1000, 1000h, false",
        "WhenBoth, 3, 0s, 2, 1000h, false",
        "WhenBoth, 3, 0s, 3, 0s, true",
        "WhenBoth, 3, 0s, 4, 0s, true",
        "WhenBoth, -1, 60s, 1000, 59s999ms, false",
        "WhenBoth, -1, 60s, 1, 60s, true",
        "WhenBoth, 3, 60s, 2, 59s, false",
        "WhenBoth, 3, 60s, 2, 61s, false",
        "WhenBoth, 3, 60s, 3, 59s, false",
        "WhenBoth, 3, 60s, 3, 60s, true",
        "WhenBoth, 3, 60s, 9, 9h, true",
        "WhenEither, -1, 0s, 1000, 1000h, false",
        "WhenEither, 3, 0s, 2, 1000h, false",
        "WhenEither, 3, 0s, 3, 0s, true",
        "WhenEither, -1, 60s, 1000, 59s999ms, false",
        "WhenEither, -1, 60s, 1, 60s, true",
        "WhenEither, 3, 60s, 2, 59s, false",
        "WhenEither, 3, 60s, 2, 60s, true",
        "WhenEither, 3, 60s, 3, 59s, true",
        "WhenEither, 3, 60s, 3, 61s, true",
    })
    void givesUpAtTheLimitsThatAreSet(
            GiveUp giveUp, int maxAttempts, String maxDuration, int attempts, String age, boolean over) {
        RetryPolicy policy = limits(maxAttempts, maxDuration, giveUp);
        Instant endedAt = FIRST.plus(Durations.parse(age));
        Verdict verdict = policy.after(progress(attempts), Outcome.Answered.of(500), endedAt, LOWEST);
        if (over) {
            assertThat(reason(verdict)).isEqualTo(Ending.Reason.RetriesExhausted);
        } else {
            assertThat(verdict).isInstanceOf(Verdict.RetryAfter.class);
        }
        // Before the attempt that was counted above, one attempt was left.
        if (attempts > 1) {
            assertThat(policy.isCertainlyLast(progress(attempts - 1), endedAt)).isEqualTo(over);
        }
    }

    @ParameterizedTest(name = "{0} attempts, {1}, {2}: the very first is the last: {3}")
    @CsvSource({
        "1, 0s, WhenBoth, true",
        "1, 0s, WhenEither, true",
        "1, 60s, WhenBoth, false",
        "1, 60s, WhenEither, true",
        "2, 60s, WhenEither, false",
        "-1, 60s, WhenBoth, false",
        "-1, 60s, WhenEither, false",
        "-1, 0s, WhenEither, false",
    })
    void theFirstAttemptIsCertainlyLastOnlyWhereNoTimeNeedsToPass(
            int maxAttempts, String maxDuration, GiveUp giveUp, boolean last) {
        assertThat(limits(maxAttempts, maxDuration, giveUp).isCertainlyLast(AttemptHistory.NONE, FIRST))
                .isEqualTo(last);
    }

    @Test
    void whoGivesUpSaysAfterHowManyAttemptsInWhatTimeAndWhy() {
        Verdict verdict = limits(3, "0s", GiveUp.WhenBoth)
                .after(progress(3), Outcome.Answered.of(502), FIRST.plusSeconds(90), LOWEST);
        assertThat(verdict)
                .isEqualTo(new Verdict.Finish(new Ending(
                        Ending.Reason.RetriesExhausted,
                        "Given up after 3 attempts in 1m 30s. The worker answered 502.")));
    }

    @Test
    void oneAttemptIsOne() {
        Verdict verdict = limits(1, "0s", GiveUp.WhenEither)
                .after(progress(1), Outcome.Answered.of(502), FIRST.plusMillis(11), LOWEST);
        assertThat(verdict)
                .isEqualTo(new Verdict.Finish(new Ending(
                        Ending.Reason.RetriesExhausted,
                        "Given up after 1 attempt in 11 ms. The worker answered 502.")));
    }

    @Test
    void aPauseThatIsCutIsSaid() {
        RetryPolicy policy = limits(-1, "0s", GiveUp.WhenBoth);
        Duration max = policy.maxBackoff();
        var tooLong = new Outcome.Answered(429, Optional.of(max.plusSeconds(1)), false);
        assertThat(policy.noteOnPause(tooLong))
                .isEqualTo("The pause that it asked for is cut to " + Durations.format(max)
                        + " by spec.retry.maxBackoff.");
        assertThat(policy.noteOnPause(new Outcome.Answered(429, Optional.of(max), false)))
                .isEmpty();
        assertThat(policy.noteOnPause(Outcome.Answered.of(503))).isEmpty();
        AttemptHistory history = AttemptHistory.NONE.plus(FIRST, FIRST, FIRST, tooLong, policy.noteOnPause(tooLong));
        assertThat(Objects.requireNonNull(history.last()).message())
                .startsWith("The worker answered 429")
                .endsWith(" by spec.retry.maxBackoff.");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 204, 299})
    void any2xxIsTheEndEvenAfterEveryLimit(int code) {
        Verdict verdict = limits(1, "1s", GiveUp.WhenEither)
                .after(progress(5), Outcome.Answered.of(code), FIRST.plusSeconds(9), LOWEST);
        assertThat(reason(verdict)).isEqualTo(Ending.Reason.Delivered);
        assertThat(((Verdict.Finish) verdict).ending().isSuccess()).isTrue();
    }

    @ParameterizedTest(name = "{0} ends at once: {1}")
    @CsvSource({"400, true", "410, true", "404, false", "500, false", "302, false", "199, false"})
    void onlyTheListedCodesEndATaskAtOnce(int code, boolean atOnce) {
        Verdict verdict = POLICY.after(progress(1), Outcome.Answered.of(code), FIRST, LOWEST);
        if (atOnce) {
            assertThat(reason(verdict)).isEqualTo(Ending.Reason.NonRetryable);
        } else {
            assertThat(verdict).isEqualTo(again("10s"));
        }
    }

    @Test
    void aWorkerThatAsksForNoRetryGetsNoneUnlessItSucceeded() {
        var refused = new Outcome.Answered(503, Optional.of(Duration.ofSeconds(1)), true);
        assertThat(reason(POLICY.after(progress(1), refused, FIRST, LOWEST))).isEqualTo(Ending.Reason.NonRetryable);
        var delivered = new Outcome.Answered(200, Optional.empty(), true);
        assertThat(reason(POLICY.after(progress(1), delivered, FIRST, LOWEST))).isEqualTo(Ending.Reason.Delivered);
    }

    @Test
    void anAttemptWithoutAnswerIsTriedAgain() {
        var timeout = new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "No answer came within 10s.");
        assertThat(POLICY.after(progress(2), timeout, FIRST, LOWEST)).isEqualTo(again("20s"));
    }

    @ParameterizedTest(name = "backoff 10s, Retry-After {0}: {1}")
    @CsvSource({"0s, 10s", "9s999ms, 10s", "10s, 10s", "11s, 11s", "5m, 5m", "5m1s, 5m", "9999h, 5m"})
    void theLaterOfBackoffAndRetryAfterCountsUpToMaxBackoff(String asked, String delay) {
        var outcome = new Outcome.Answered(503, Optional.of(Durations.parse(asked)), false);
        assertThat(POLICY.after(progress(1), outcome, FIRST, LOWEST)).isEqualTo(again(delay));
    }

    @Test
    void jitterLengthensByUpToItsShareAndNeverShortens() {
        RetryPolicy half = jitter(50);
        assertThat(half.after(progress(1), Outcome.Answered.of(500), FIRST, LOWEST))
                .isEqualTo(again("10s"));
        Duration longest = delay(half.after(progress(1), Outcome.Answered.of(500), FIRST, HIGHEST));
        assertThat(longest).isBetween(Duration.ofMillis(14_999), Duration.ofSeconds(15));
    }

    @Test
    void jitterIsSpreadOverItsWholeRange() {
        RetryPolicy whole = jitter(100);
        RandomGenerator seeded = new SplittableRandom(11);
        List<Duration> delays = IntStream.range(0, 2000)
                .mapToObj(_ -> delay(whole.after(progress(1), Outcome.Answered.of(500), FIRST, seeded)))
                .sorted()
                .toList();
        assertThat(delays.getFirst()).isBetween(Duration.ofSeconds(10), Duration.ofMillis(10_100));
        assertThat(delays.get(1000)).isBetween(Duration.ofMillis(14_500), Duration.ofMillis(15_500));
        assertThat(delays.getLast()).isBetween(Duration.ofMillis(19_900), Duration.ofSeconds(20));
    }

    @Test
    void withoutJitterNobodyDraws() {
        RandomGenerator untouched = () -> {
            throw new AssertionError("drawn");
        };
        assertThat(POLICY.after(progress(1), Outcome.Answered.of(500), FIRST, untouched))
                .isEqualTo(again("10s"));
    }

    @Test
    void afterARedriveBackoffAndLimitsCountFromTheStartAgain() {
        var redriven = new AttemptHistory(41, 41, 41, 2, 1, 1, 1, FIRST.plusSeconds(9000), List.of());
        Verdict verdict = limits(3, "60s", GiveUp.WhenEither)
                .after(redriven, Outcome.Answered.of(500), FIRST.plusSeconds(9001), LOWEST);
        assertThat(verdict).isEqualTo(again("10s"));
    }

    private static RetryPolicy backoff(String min, String max, int doublings) {
        return new RetryPolicy(
                RetryPolicy.UNLIMITED,
                Duration.ZERO,
                GiveUp.WhenBoth,
                Durations.parse(min),
                Durations.parse(max),
                doublings,
                0,
                Set.of());
    }

    private static RetryPolicy limits(int maxAttempts, String maxDuration, GiveUp giveUp) {
        return new RetryPolicy(
                maxAttempts,
                Durations.parse(maxDuration),
                giveUp,
                POLICY.minBackoff(),
                POLICY.maxBackoff(),
                POLICY.maxDoublings(),
                0,
                Set.of());
    }

    private static RetryPolicy jitter(int percent) {
        return new RetryPolicy(
                RetryPolicy.UNLIMITED,
                Duration.ZERO,
                GiveUp.WhenBoth,
                POLICY.minBackoff(),
                POLICY.maxBackoff(),
                3,
                percent,
                Set.of());
    }

    private static AttemptHistory progress(int attempts) {
        return attempts == 0
                ? AttemptHistory.NONE
                : new AttemptHistory(attempts, attempts, attempts, 1, attempts, attempts, attempts, FIRST, List.of());
    }

    private static Verdict again(String delay) {
        return new Verdict.RetryAfter(Durations.parse(delay));
    }

    private static Duration delay(Verdict verdict) {
        return ((Verdict.RetryAfter) verdict).delay();
    }

    private static Ending.Reason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Finish.class);
        return ((Verdict.Finish) verdict).ending().reason();
    }
}
