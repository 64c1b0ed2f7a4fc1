package dev.taskqueue.operator.write;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
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
    /** The shortest time between two lines in the log. */
    private static final long LOG_INTERVAL_NANOS = Duration.ofSeconds(30).toNanos();
    /** After this time without a failure, all is well again. */
    private static final long ENDED_AFTER_NANOS = Duration.ofSeconds(2).toNanos();
    /** After this time without a 403, the next 403 counts as the first. */
    private static final long FORBIDDEN_FORGOTTEN_NANOS = Duration.ofSeconds(60).toNanos();

    /** The most refused writes that are kept by name; there may be more. */
    private static final int MOST_NAMES = 1000;

    private final WriteKind kind;
    private final String namespace;
    private final Instant since;
    private final Map<TaskId, Refusal> addRefusal = new LinkedHashMap<>();
    private int waiting;
    private long lastFailureNanos;
    private @Nullable Long lastLogNanos;
    private @Nullable Long forbiddenSinceNanos;
    private long lastForbiddenNanos;

    /** A write that the API server refuses for good. */
    public record Refusal(TaskId task, QueueId queue, String why) {}

    WriteFailures(WriteKind kind, String namespace, Instant since) {
        this.kind = kind;
        this.namespace = namespace;
        this.since = since;
    }

    void addWaiting() {
        waiting++;
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

    void addRefusal(Refusal refusal) {
        if (addRefusal.size() < MOST_NAMES || addRefusal.containsKey(refusal.task())) {
            addRefusal.put(refusal.task(), refusal);
        }
    }

    /** The write of this Task succeeded, or is no longer needed. */
    void removeRefusal(TaskId task) {
        addRefusal.remove(task);
    }

    /** A write of this kind succeeded in this namespace. */
    void endForbidden() {
        forbiddenSinceNanos = null;
    }

    Optional<Refusal> refusal(QueueId queue) {
        return addRefusal.values().stream()
                .filter(refusal -> refusal.queue().equals(queue))
                .findFirst();
    }

    void logFailure(TaskId task, String why, long now) {
        lastFailureNanos = now;
        if (lastLogNanos != null && now - lastLogNanos < LOG_INTERVAL_NANOS) {
            return;
        }
        lastLogNanos = now;
        LOG.warn(
                "Writes of kind {} in namespace {} have been failing since {}; {} are waiting, one of them for Task {}. {}: {}",
                kind.label,
                namespace,
                since,
                Math.max(1, waiting + addRefusal.size()),
                task,
                kind.request(),
                why);
    }

    /**
     * Checks whether all is well again, and logs that once.
     *
     * @param exists whether a Task still exists
     */
    boolean endsAndLogs(Predicate<TaskId> exists, long now) {
        addRefusal.keySet().removeIf(exists.negate());
        boolean isForbidden = forbiddenSinceNanos != null && now - lastForbiddenNanos <= FORBIDDEN_FORGOTTEN_NANOS;
        if (waiting > 0 || !addRefusal.isEmpty() || isForbidden || now - lastFailureNanos < ENDED_AFTER_NANOS) {
            return false;
        }
        LOG.info("Writes of kind {} in namespace {} succeed again, or are no longer needed", kind.label, namespace);
        return true;
    }
}
