package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.FailureStreak;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TaskQueues whose status cannot be written. It says when to try again, and logs the failures of each namespace: one line for the first, few
 * lines while they last, and one line when all are written.
 */
final class QueueStatusFailures {
    private static final Logger LOG = LoggerFactory.getLogger(QueueStatusFailures.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final LongSupplier nanos;
    private final Map<String, InNamespace> byNamespace = new HashMap<>();

    private static final class InNamespace {
        final FailureStreak streak = new FailureStreak();
        final Map<QueueId, Backoff> queues = new HashMap<>();
    }

    /** @param nanos the monotonic clock */
    QueueStatusFailures(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The write failed. Returns the pause until the next try. */
    synchronized Duration failed(QueueId queue, String why) {
        InNamespace there = byNamespace.computeIfAbsent(queue.namespace(), name -> new InNamespace());
        Backoff backoff = there.queues.computeIfAbsent(queue, id -> new Backoff(FIRST_PAUSE, LONGEST_PAUSE));
        there.streak
                .failed(why, nanos.getAsLong())
                .ifPresent(lasting -> LOG.warn(
                        "The status of {} TaskQueues in namespace {} cannot be written{}, that of {} among them: {}",
                        there.queues.size(),
                        queue.namespace(),
                        lasting,
                        queue.name(),
                        why));
        return backoff.next();
    }

    /** The status is written, or the queue is gone. */
    synchronized void ended(QueueId queue) {
        InNamespace there = byNamespace.get(queue.namespace());
        if (there == null) {
            return;
        }
        there.queues.remove(queue);
        if (there.queues.isEmpty()) {
            byNamespace.remove(queue.namespace());
            there.streak
                    .ended(nanos.getAsLong())
                    .ifPresent(after -> LOG.info(
                            "The status of all TaskQueues in namespace {} is written again, {}",
                            queue.namespace(),
                            after));
        }
    }
}
