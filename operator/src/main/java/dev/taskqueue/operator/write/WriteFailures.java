package dev.taskqueue.operator.write;

import dev.taskqueue.operator.domain.FailureStreak;
import dev.taskqueue.operator.domain.ObjectId;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The failures of one kind of write in one namespace, from the first failure until all writes succeed again. Writes the lines in the log.
 * {@link WriteRetries} guards it.
 */
public final class WriteFailures {
    private static final Logger LOG = LoggerFactory.getLogger(WriteFailures.class);
    /** After this time without a failure, all is well again. */
    private static final long ENDED_AFTER_NANOS = Duration.ofSeconds(2).toNanos();
    /** After this time without a 403, the next 403 counts as the first. */
    private static final long FORBIDDEN_FORGOTTEN_NANOS = Duration.ofSeconds(60).toNanos();

    /** The most refused writes that are kept by name; there may be more. */
    private static final int MOST_NAMES = 1000;

    private final WriteKind kind;
    private final String namespace;
    private final Instant since;
    private final FailureStreak streak = new FailureStreak();
    private final Map<ObjectId, Refusal> refusals = new LinkedHashMap<>();
    private int waiting;
    /** The writes that were late since the first failure, ended ones included. */
    private int late;

    private long lastFailureNanos;
    private @Nullable Long forbiddenSinceNanos;
    private long lastForbiddenNanos;

    /** A write that the API server refuses for good. */
    public record Refusal(ObjectId object, QueueId queue, String why) {}

    WriteFailures(WriteKind kind, String namespace, Instant since) {
        this.kind = kind;
        this.namespace = namespace;
        this.since = since;
    }

    void addWaiting() {
        waiting++;
        late++;
    }

    void removeWaiting() {
        waiting--;
    }

    /** Notes a 403. Returns how long the API server has been answering 403. */
    Duration forbiddenFor(long now) {
        if (forbiddenSinceNanos == null || now - lastForbiddenNanos > FORBIDDEN_FORGOTTEN_NANOS) {
            forbiddenSinceNanos = now;
        }
        lastForbiddenNanos = now;
        return Duration.ofNanos(now - forbiddenSinceNanos);
    }

    /** @param isCounted whether the write is counted as late already */
    void addRefusal(Refusal refusal, boolean isCounted) {
        if (!isCounted && !refusals.containsKey(refusal.object())) {
            late++;
        }
        if (refusals.size() < MOST_NAMES || refusals.containsKey(refusal.object())) {
            refusals.put(refusal.object(), refusal);
        }
    }

    /** The write to this object succeeded, or is no longer needed. */
    void removeRefusal(ObjectId object) {
        refusals.remove(object);
    }

    /** A write of this kind succeeded in this namespace. */
    void endForbidden() {
        forbiddenSinceNanos = null;
    }

    Optional<Refusal> refusal(QueueId queue) {
        return refusals.values().stream()
                .filter(refusal -> refusal.queue().equals(queue))
                .findFirst();
    }

    void logFailure(ObjectId object, String why, long now) {
        lastFailureNanos = now;
        streak.failed(why, now)
                .ifPresent(lasting -> LOG.warn(
                        "Writes of kind {} in namespace {} have been failing since {}{}; {} are waiting, one of them for {} {}: {}. The request is a {}{}",
                        kind.label,
                        namespace,
                        since,
                        lasting,
                        Math.max(1, waiting + refusals.size()),
                        kind.object(),
                        object,
                        why,
                        kind.request(),
                        forbiddenSinceNanos == null ? "" : "; it needs " + kind.right(namespace)));
    }

    /**
     * Checks whether all is well again, and logs that once.
     *
     * @param exists whether an object still exists
     */
    boolean endsAndLogs(Predicate<ObjectId> exists, long now) {
        refusals.keySet().removeIf(exists.negate());
        boolean isForbidden = forbiddenSinceNanos != null && now - lastForbiddenNanos <= FORBIDDEN_FORGOTTEN_NANOS;
        if (waiting > 0 || !refusals.isEmpty() || isForbidden || now - lastFailureNanos < ENDED_AFTER_NANOS) {
            return false;
        }
        streak.ended(lastFailureNanos)
                .ifPresent(after -> LOG.info(
                        "Writes of kind {} in namespace {} succeed again, or are no longer needed: {} were late, {}",
                        kind.label,
                        namespace,
                        late,
                        after));
        return true;
    }
}
