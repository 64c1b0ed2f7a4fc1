package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The profiles of all queues. The reconciler writes it; preparation, journal and retention read it. */
public final class QueueProfiles {
    private final Map<QueueId, QueueProfile> profiles = new ConcurrentHashMap<>();

    public void put(QueueId queue, QueueProfile profile) {
        profiles.put(queue, profile);
    }

    public void remove(QueueId queue) {
        profiles.remove(queue);
    }

    public @Nullable QueueProfile get(QueueId queue) {
        return profiles.get(queue);
    }

    public QueueProfile.RetentionLimits retention(QueueId queue) {
        QueueProfile profile = profiles.get(queue);
        return profile == null ? QueueProfile.DEFAULT_RETENTION : profile.retention();
    }
}
