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
 * What goes wrong with one kind of write in one namespace, from the first failure until all is well again, and its lines in the log.
 * {@link WriteRetries} guards it.
 */
public final class WriteFailures {
    private static final Logger LOG = LoggerFactory.getLogger(WriteFailures.class);
    /** Between two lines in the log. */
    private static final long QUIET_NANOS = Duration.ofSeconds(30).toNanos();
    /** Without a failure for that long it is over. */
    private static final long OVER_NANOS = Duration.ofSeconds(2).toNanos();
    /** So long after the last 403 the next one begins anew. */
    private static final long FORGOTTEN_NANOS = Duration.ofSeconds(60).toNanos();

    /** Refused writes that are known by name; there may be more. */
    private static final int MOST_NAMES = 1000;

    private final WriteKind kind;
    private final String namespace;
    private final Instant since;
    private final Map<TaskId, Refusal> refused = new LinkedHashMap<>();
    private int waiting;
    private long lastNanos;
    private @Nullable Long loggedNanos;
    private @Nullable Long forbiddenSince;
    private long lastForbidden;

    /** A write that the API server refuses for good. */
    public record Refusal(TaskId task, QueueId queue, String why) {}

    WriteFailures(WriteKind kind, String namespace, Instant since) {
        this.kind = kind;
        this.namespace = namespace;
        this.since = since;
    }

    void waits() {
        waiting++;
    }

    void waitsNoMore() {
        waiting--;
    }

    /** How long the API server has been answering 403. */
    Duration forbidden(long now) {
        if (forbiddenSince == null || now - lastForbidden > FORGOTTEN_NANOS) {
            forbiddenSince = now;
        }
        lastForbidden = now;
        return Duration.ofNanos(now - forbiddenSince);
    }

    void refused(Refusal refusal) {
        if (refused.size() < MOST_NAMES || refused.containsKey(refusal.task())) {
            refused.put(refusal.task(), refusal);
        }
    }

    /** A write of this Task succeeded, or is no longer needed. */
    void settled(TaskId task) {
        refused.remove(task);
    }

    /** A write of this kind succeeded in this namespace. */
    void permitted() {
        forbiddenSince = null;
    }

    Optional<Refusal> refusal(QueueId queue) {
        return refused.values().stream()
                .filter(refusal -> refusal.queue().equals(queue))
                .findFirst();
    }

    void failed(TaskId task, String why, long now) {
        lastNanos = now;
        if (loggedNanos != null && now - loggedNanos < QUIET_NANOS) {
            return;
        }
        loggedNanos = now;
        LOG.warn(
                "Writes of kind {} in namespace {} do not succeed since {}; {} wait, that of Task {} among them. {}: {}",
                kind.label,
                namespace,
                since,
                Math.max(1, waiting + refused.size()),
                task,
                kind.request(),
                why);
    }

    /**
     * Looks whether it is over, and says so.
     *
     * @param exists whether a Task is still there
     */
    boolean isOver(Predicate<TaskId> exists, long now) {
        refused.keySet().removeIf(exists.negate());
        boolean isForbidden = forbiddenSince != null && now - lastForbidden <= FORGOTTEN_NANOS;
        if (waiting > 0 || !refused.isEmpty() || isForbidden || now - lastNanos < OVER_NANOS) {
            return false;
        }
        LOG.info("Writes of kind {} in namespace {} succeed again, or are no longer needed", kind.label, namespace);
        return true;
    }
}
