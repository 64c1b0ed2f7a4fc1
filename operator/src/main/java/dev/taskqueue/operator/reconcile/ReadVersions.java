package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The resourceVersions of TaskQueues that were read past the watch. Until the watch has shown as much, what it shows is outdated. Not thread-safe.
 */
final class ReadVersions {
    /** By then the watch has begun again, however it was lost. An etcd that was restored from a backup counts from a lower version. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private record ReadVersion(long version, Instant at) {}

    private final Map<QueueId, ReadVersion> versions = new HashMap<>();

    /** @param steady the present time of the monotonic clock */
    void read(QueueId queue, long version, Instant steady) {
        versions.put(queue, new ReadVersion(version, steady));
    }

    /** Whether this version, which the watch shows, is older than what was read. */
    boolean isOutdated(QueueId queue, long version, Instant steady) {
        ReadVersion read = versions.get(queue);
        if (read == null) {
            return false;
        }
        boolean isOutdated = version < read.version && steady.isBefore(read.at.plus(LONGEST));
        if (!isOutdated) {
            versions.remove(queue);
        }
        return isOutdated;
    }

    void forget(QueueId queue) {
        versions.remove(queue);
    }
}
