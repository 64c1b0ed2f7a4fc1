package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void aNewBucketIsFullAndOneAfterARestartEmpty() {
        var limit = new RateLimit(1, 7);
        assertThat(takeAll(new TokenBucket(limit, true, 0), 0)).isEqualTo(7);
        assertThat(takeAll(new TokenBucket(limit, false, 0), 0)).isZero();
    }

    @Test
    void refillsContinuouslyUpToTheBurstAndNoFurther() {
        var bucket = new TokenBucket(new RateLimit(10, 4), false, 0);
        assertThat(takeAll(bucket, SECOND / 10)).isEqualTo(1);
        assertThat(takeAll(bucket, SECOND / 10 + SECOND / 5)).isEqualTo(2);
        assertThat(takeAll(bucket, 99 * SECOND)).isEqualTo(4);
    }

    @ParameterizedTest(name = "a burst of {0} cut to {1} keeps {2}")
    @CsvSource({"10, 3, 3", "10, 10, 10", "3, 10, 3"})
    void aChangeOfLimitsKeepsTheTokensAndCutsThemToTheNewBurst(int before, int after, int kept) {
        var bucket = new TokenBucket(new RateLimit(1, before), true, 0);
        bucket.resize(new RateLimit(2, after), 0);
        assertThat(takeAll(bucket, 0)).isEqualTo(kept);
        assertThat(takeAll(bucket, SECOND)).isEqualTo(2);
    }

    @Test
    void whatWasEarnedBeforeAChangeWasEarnedAtTheOldRate() {
        var bucket = new TokenBucket(new RateLimit(1, 100), false, 0);
        bucket.resize(new RateLimit(50, 100), 3 * SECOND);
        assertThat(takeAll(bucket, 3 * SECOND)).isEqualTo(3);
    }

    @Test
    void aTokenGivenBackIsThereAgainButNeverMoreThanTheBurst() {
        var bucket = new TokenBucket(new RateLimit(0.001, 2), true, 0);
        bucket.giveBack();
        assertThat(takeAll(bucket, 0)).isEqualTo(2);
        bucket.giveBack();
        assertThat(takeAll(bucket, 0)).isEqualTo(1);
    }

    @Test
    void aClockThatSeemsToStepBackEarnsNothing() {
        var bucket = new TokenBucket(new RateLimit(10, 5), true, 10 * SECOND);
        assertThat(takeAll(bucket, 10 * SECOND)).isEqualTo(5);
        assertThat(takeAll(bucket, 0)).isZero();
        assertThat(takeAll(bucket, 10 * SECOND)).isZero();
        assertThat(takeAll(bucket, 11 * SECOND)).isEqualTo(5);
    }

    @Test
    void aMonotonicClockMayPassItsLargestNumber() {
        var bucket = new TokenBucket(new RateLimit(10, 5), false, Long.MAX_VALUE);
        assertThat(takeAll(bucket, Long.MAX_VALUE + SECOND / 5)).isEqualTo(2);
    }

    @Test
    void tellsHowManyWillHaveBeenThere() {
        var bucket = new TokenBucket(new RateLimit(3, 5), false, 0);
        assertThat(bucket.availableWithin(0, 0)).isZero();
        assertThat(bucket.availableWithin(SECOND, 0)).isEqualTo(3);
        assertThat(bucket.availableWithin(60 * SECOND, 0)).isEqualTo(180);
        assertThat(takeAll(bucket, 0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void waitingAsLongAsReturnedIsAlwaysEnoughAndHardlyMoreThanNeeded(long seed) {
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            double rate = Math.pow(10, random.nextDouble(-3, 4));
            long now = random.nextLong(-1_000_000_000_000L, 1_000_000_000_000L);
            var bucket = new TokenBucket(new RateLimit(rate, random.nextInt(1, 501)), random.nextBoolean(), now);
            takeAll(bucket, now);
            for (int step = 0; step < 5; step++) {
                now += (long) (random.nextDouble() * SECOND / rate);
                takeAll(bucket, now);
                long wait = bucket.nanosUntilNext(now);
                assertThat(wait).isPositive();
                long slack = 2 + (long) (1.1 / rate); // a billionth of a token
                assertThat(wait <= slack || bucket.nanosUntilNext(now + wait - slack) > 0)
                        .as("rate %s, %d ns earlier is too early", rate, slack)
                        .isTrue();
                now += wait;
                assertThat(bucket.nanosUntilNext(now))
                        .as("rate %s, waited %d", rate, wait)
                        .isZero();
                assertThat(bucket.tryTake(now)).isTrue();
            }
        }
    }

    /** Checks the promise for windows of every length: at most burst + rate * t, under every limit that was in force in the window. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void noWindowEverSeesMoreThanBurstPlusRateTimesItsLength(long seed) {
        var random = new SplittableRandom(seed);
        var limit = new RateLimit(random.nextDouble(0.5, 300), random.nextInt(1, 40));
        long now = random.nextLong(-10 * SECOND, 10 * SECOND);
        var bucket = new TokenBucket(limit, random.nextBoolean(), now);
        var windows = new ArrayDeque<Window>();
        int taken = 0;
        for (int step = 0; step < 6000; step++) {
            now += random.nextLong(SECOND / 20);
            if (random.nextInt(200) == 0) {
                limit = new RateLimit(random.nextDouble(0.5, 300), random.nextInt(1, 40));
                bucket.resize(limit, now);
                windows.clear();
            }
            if (windows.size() < 200 || random.nextInt(5) == 0) {
                windows.addLast(new Window(now, taken));
                if (windows.size() > 400) {
                    windows.removeFirst();
                }
            }
            for (int tries = random.nextInt(4); tries > 0 && bucket.tryTake(now); tries--) {
                if (random.nextInt(10) == 0) {
                    bucket.giveBack();
                } else {
                    taken++;
                }
            }
            for (Window window : windows) {
                double allowed = limit.burst() + limit.perSecond() * (now - window.since) / SECOND;
                assertThat(taken - window.taken)
                        .as("step %d, %d ns, %s", step, now - window.since, limit)
                        .isLessThanOrEqualTo((int) Math.floor(allowed + 1e-6));
            }
        }
        assertThat(taken).isPositive();
    }

    private record Window(long since, int taken) {}

    private static int takeAll(TokenBucket bucket, long now) {
        int taken = 0;
        while (bucket.tryTake(now)) {
            taken++;
        }
        return taken;
    }
}
