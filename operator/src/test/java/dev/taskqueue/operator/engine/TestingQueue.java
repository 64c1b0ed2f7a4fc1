package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.RetryPolicy;
import java.time.Duration;
import java.util.Set;

/** A TaskQueue of a story. Its limits are generous unless the story sets them. Every method makes another one. */
record TestingQueue(QueueId id, QueueSettings settings) {
    static final String NAMESPACE = "shop";

    private static final RetryPolicy PATIENT = new RetryPolicy(
            RetryPolicy.UNLIMITED,
            Duration.ZERO,
            RetryPolicy.GiveUp.WhenEither,
            Duration.ofSeconds(10),
            Duration.ofSeconds(300),
            3,
            0,
            Set.of());

    static TestingQueue queue(String name) {
        return new TestingQueue(
                new QueueId(NAMESPACE, name),
                new QueueSettings(false, new RateLimit(500, 100), 1000, PATIENT, false, Duration.ofDays(31)));
    }

    TestingQueue rate(double perSecond, int burst) {
        return with(settings.paused(), new RateLimit(perSecond, burst), settings.maxConcurrent(), settings.retry());
    }

    TestingQueue concurrent(int max) {
        return with(settings.paused(), settings.rate(), max, settings.retry());
    }

    TestingQueue paused() {
        return with(true, settings.rate(), settings.maxConcurrent(), settings.retry());
    }

    TestingQueue attempts(int max) {
        RetryPolicy old = settings.retry();
        return retry(new RetryPolicy(
                max,
                old.maxRetryDuration(),
                old.giveUp(),
                old.minBackoff(),
                old.maxBackoff(),
                old.maxDoublings(),
                old.jitterPercent(),
                old.nonRetryableStatusCodes()));
    }

    TestingQueue backoff(String min, String max, int doublings) {
        RetryPolicy old = settings.retry();
        return retry(new RetryPolicy(
                old.maxAttempts(),
                old.maxRetryDuration(),
                old.giveUp(),
                Durations.parse(min),
                Durations.parse(max),
                doublings,
                old.jitterPercent(),
                old.nonRetryableStatusCodes()));
    }

    TestingQueue adaptive() {
        return new TestingQueue(
                id,
                new QueueSettings(
                        settings.paused(),
                        settings.rate(),
                        settings.maxConcurrent(),
                        settings.retry(),
                        true,
                        settings.unfinished()));
    }

    TestingQueue unfinished(String age) {
        return new TestingQueue(
                id,
                new QueueSettings(
                        settings.paused(),
                        settings.rate(),
                        settings.maxConcurrent(),
                        settings.retry(),
                        settings.adaptive(),
                        Durations.parse(age)));
    }

    private TestingQueue retry(RetryPolicy retry) {
        return with(settings.paused(), settings.rate(), settings.maxConcurrent(), retry);
    }

    private TestingQueue with(boolean paused, RateLimit rate, int maxConcurrent, RetryPolicy retry) {
        return new TestingQueue(
                id, new QueueSettings(paused, rate, maxConcurrent, retry, settings.adaptive(), settings.unfinished()));
    }
}
