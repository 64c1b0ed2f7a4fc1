package dev.taskqueue.operator.testing;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.engine.AttemptContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** First attempts, for tests to which the retry rules do not matter. */
public final class TestingAttempts {
    private static final RetryPolicy RETRY = new RetryPolicy(
            3,
            Duration.ZERO,
            RetryPolicy.GiveUp.WhenBoth,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            3,
            0,
            Set.of());

    private TestingAttempts() {}

    /** An attempt that leaves when it is due. */
    public static AttemptContext first(DeliveryKey key, QueueId queue, Instant at) {
        return new AttemptContext(key, queue, at, at, null, AttemptHistory.NONE, RETRY);
    }
}
