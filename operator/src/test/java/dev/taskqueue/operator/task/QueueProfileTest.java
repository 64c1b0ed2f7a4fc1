package dev.taskqueue.operator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.taskqueue.operator.api.HeaderFamily;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueProfileTest {
    private static final Duration YEAR = Duration.ofDays(365);

    private static final RetryPolicy DEFAULT_RETRY = new RetryPolicy(
            100,
            Duration.ZERO,
            RetryPolicy.GiveUp.WhenBoth,
            Duration.ofMillis(100),
            Duration.ofHours(1),
            16,
            0,
            Set.of());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{}", "{rateLimits: {}, retry: {}, retention: {}}"})
    void whatASpecLeavesOutIsAsTheCrdSays(String spec) {
        QueueProfile profile = of(spec);
        assertThat(profile.settings())
                .isEqualTo(new QueueSettings(
                        false, new RateLimit(500, 100), 1000, DEFAULT_RETRY, true, Duration.ofDays(31)));
        assertThat(profile.httpTarget()).isNull();
        assertThat(profile.deadLetterQueue()).isNull();
        assertThat(profile.dispatchDeadline()).isEqualTo(Duration.ofMinutes(10));
        assertThat(profile.headerFamilies()).containsExactly(HeaderFamily.CloudTasks);
        assertThat(profile.retention())
                .isEqualTo(new QueueProfile.RetentionLimits(Duration.ofHours(1), Duration.ofDays(7), 10_000, 10_000));
        assertThat(profile.retention()).isEqualTo(QueueProfile.DEFAULT_RETENTION);
    }

    @Test
    void readsEverything() {
        QueueProfile profile = of("""
                {state: 'Paused', rateLimits: {maxDispatchesPerSecond: '500m', maxBurstSize: 3, maxConcurrentDispatches: 7},
                 retry: {maxAttempts: -1, maxRetryDuration: '1h', giveUp: 'WhenEither', minBackoff: '10s', maxBackoff: '300s',
                         maxDoublings: 4, jitterPercent: 20, nonRetryableStatusCodes: [400, 404]},
                 httpTarget: {path: '/x'}, dispatchDeadline: '2m', headerFamilies: ['None'], throttling: 'Disabled',
                 deadLetter: {queueRef: {name: 'orders-failed'}},
                 retention: {succeeded: '0s', failed: '1h', maxSucceeded: 5, maxFailed: 6, unfinished: '3h'}}""");
        var retry = new RetryPolicy(
                -1,
                Duration.ofHours(1),
                RetryPolicy.GiveUp.WhenEither,
                Duration.ofSeconds(10),
                Duration.ofSeconds(300),
                4,
                20,
                Set.of(400, 404));
        assertThat(profile.settings())
                .isEqualTo(new QueueSettings(true, new RateLimit(0.5, 3), 7, retry, false, Duration.ofHours(3)));
        assertThat(profile.httpTarget()).isNotNull();
        assertThat(profile.dispatchDeadline()).isEqualTo(Duration.ofMinutes(2));
        assertThat(profile.headerFamilies()).containsExactly(HeaderFamily.None);
        assertThat(profile.deadLetterQueue()).isEqualTo("orders-failed");
        assertThat(profile.retention())
                .isEqualTo(new QueueProfile.RetentionLimits(Duration.ZERO, Duration.ofHours(1), 5, 6));
    }

    @ParameterizedTest(name = "{0} a second: a burst of {1}")
    @CsvSource({"'25', 10", "'0.5', 10", "'100', 20", "'101', 21", "'5000', 500"})
    void theBurstFollowsFromTheRate(String rate, int burst) {
        assertThat(of("{rateLimits: {maxDispatchesPerSecond: '%s'}}".formatted(rate))
                        .settings()
                        .rate()
                        .burst())
                .isEqualTo(burst);
    }

    @Test
    void aHoldPausesWhateverTheSpecSays() {
        TaskQueueSpec running = TestingTasks.read("{state: 'Running'}", TaskQueueSpec.class);
        assertThat(QueueProfile.read(running, true).settings().paused()).isTrue();
        assertThat(QueueProfile.read(running, false).settings().paused()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {retry: {minBackoff: '2s', maxBackoff: '1s'}} | retry.maxBackoff is below retry.minBackoff: raise it
            {retry: {minBackoff: '2h'}} | retry.maxBackoff is below retry.minBackoff: raise it
            {retry: {minBackoff: 'x'}} | spec.retry.minBackoff: "x" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m
            {retry: {maxRetryDuration: '1'}} | spec.retry.maxRetryDuration: "1" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m
            {dispatchDeadline: '1d'} | spec.dispatchDeadline: "1d" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m
            {retention: {failed: 's'}} | spec.retention.failed: "s" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m
            {retention: {unfinished: '-1s'}} | spec.retention.unfinished: "-1s" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m
            """)
    void whatCannotBeReadIsRefusedWithASentence(String spec, String sentence) {
        assertThatIllegalArgumentException().isThrownBy(() -> of(spec)).withMessage(sentence);
    }

    @Test
    void aRateIsReadToTheBillionthAsTheApiServerDoes() {
        assertThat(of("{rateLimits: {maxDispatchesPerSecond: '0.0009999999'}}")
                        .settings()
                        .rate()
                        .perSecond())
                .isEqualTo(0.001);
    }

    @Test
    void aWrongEditPausesTheQueueAndLeavesAllElseAsItWas() {
        QueueProfile good = of("""
                {retention: {failed: '8760h', succeeded: '24h', maxFailed: 1000000, unfinished: '8760h'},
                 retry: {maxAttempts: 3}, deadLetter: {queueRef: {name: 'd'}}}""");
        QueueProfile wrong =
                ofUnreadable("{retention: {failed: '0s'}, purgeBefore: 'tomorrow'}", good.withGeneration(7));
        assertThat(wrong.settings().paused()).isTrue();
        assertThat(wrong.retention()).isEqualTo(good.retention());
        assertThat(wrong.deadLetterQueue()).isEqualTo("d");
        assertThat(wrong.settings().unfinished()).isEqualTo(good.settings().unfinished());
        assertThat(wrong.settings().retry()).isEqualTo(good.settings().retry());
        assertThat(wrong.generation()).isZero();
    }

    @Test
    void whereNoSpecWasInForceBeforeItsRetentionCounts() {
        QueueProfile wrong = ofUnreadable(
                "{retention: {failed: '8760h', unfinished: '8760h'}, httpTarget: {tls: {serverName: '1.2.3.4'}}}",
                null);
        assertThat(wrong.settings().paused()).isTrue();
        assertThat(wrong.retention().failed()).isEqualTo(YEAR);
        assertThat(wrong.settings().unfinished()).isEqualTo(YEAR);
        assertThat(wrong.httpTarget()).isNull();
    }

    @Test
    void whereThatCannotBeReadEitherEverythingStays() {
        QueueProfile wrong = ofUnreadable("{retention: {failed: '1d', succeeded: '0s', maxFailed: 0}}", null);
        assertThat(wrong.retention())
                .isEqualTo(new QueueProfile.RetentionLimits(YEAR, YEAR, Integer.MAX_VALUE, Integer.MAX_VALUE));
        assertThat(wrong.settings().unfinished()).isEqualTo(YEAR);
    }

    private static QueueProfile ofUnreadable(String spec, @Nullable QueueProfile before) {
        return QueueProfile.paused(TestingTasks.read(spec, TaskQueueSpec.class), before);
    }

    @Test
    void aProfileKnowsTheGenerationItWasReadFrom() {
        QueueProfile profile = of("{httpTarget: {path: '/a'}}");
        assertThat(profile.generation()).isZero();
        assertThat(profile.withGeneration(3).generation()).isEqualTo(3);
        assertThat(profile.withGeneration(3).withGeneration(0)).isEqualTo(profile);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            true | {httpTarget: {serviceRef: {name: 'a', port: 'http'}}, state: 'Paused', rateLimits: {maxDispatchesPerSecond: 1}}
            true | {httpTarget: {serviceRef: {name: 'a', port: 'http'}}, retry: {maxAttempts: 1}, retention: {failed: '1h'}}
            false | {httpTarget: {serviceRef: {name: 'b', port: 'http'}}}
            false | {httpTarget: {serviceRef: {name: 'a', port: 'http'}, mode: 'Always'}}
            false | {}
            false | {httpTarget: {serviceRef: {name: 'a', port: 'http'}}, dispatchDeadline: '1m'}
            false | {httpTarget: {serviceRef: {name: 'a', port: 'http'}}, headerFamilies: ['None']}
            false | {httpTarget: {serviceRef: {name: 'a', port: 'http'}}, deadLetter: {queueRef: {name: 'd'}}}
            """)
    void whatConcernsNoRequestMakesTheSameRequests(boolean same, String spec) {
        QueueProfile profile = of("{httpTarget: {serviceRef: {name: 'a', port: 'http'}}}");
        assertThat(profile.makesSameRequestsAs(of(spec).withGeneration(7))).isEqualTo(same);
    }

    private static QueueProfile of(String spec) {
        return QueueProfile.read(TestingTasks.read(spec, TaskQueueSpec.class), false);
    }
}
