package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.SimilarNames;
import dev.taskqueue.operator.engine.Turn;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The profiles of all queues. The reconciler writes it; preparation, journal, retention and status read it. */
public final class QueueProfiles {
    /** Anybody who may create Tasks can name any number of queues that do not exist. */
    private static final int MAX_MISSING = 1_000;

    private final Map<QueueId, QueueProfile> profiles = new ConcurrentHashMap<>();
    /** The obstacle of each queue that does not exist and was asked for since the last change of the names. */
    private final Map<QueueId, Obstacle> missing = new ConcurrentHashMap<>();

    public void put(QueueId queue, QueueProfile profile) {
        if (profiles.put(queue, profile) == null) {
            missing.clear();
        }
    }

    public void remove(QueueId queue) {
        profiles.remove(queue);
        missing.clear();
    }

    public @Nullable QueueProfile get(QueueId queue) {
        return profiles.get(queue);
    }

    /** How the queue is paused; null if it is not, or does not exist. */
    public Turn.@Nullable Paused pause(QueueId queue) {
        QueueProfile profile = profiles.get(queue);
        if (profile == null || !profile.settings().paused()) {
            return null;
        }
        return Objects.requireNonNullElse(profile.pause(), Turn.Paused.UNKNOWN);
    }

    /** The obstacle of a queue that does not exist, with the name that was probably meant. */
    public Obstacle missing(QueueId queue, Obstacle obstacle) {
        Obstacle known = missing.get(queue);
        if (known != null) {
            return known;
        }
        String similar = similar(queue);
        Obstacle found = similar == null ? obstacle : obstacle.with("Did you mean " + similar + "?");
        if (missing.size() < MAX_MISSING) {
            missing.put(queue, found);
        }
        return found;
    }

    /** The queue of the same namespace with the most similar name; null if none is near. */
    public @Nullable String similar(QueueId queue) {
        List<String> names = profiles.keySet().stream()
                .filter(other -> other.namespace().equals(queue.namespace()))
                .map(QueueId::name)
                .sorted()
                .toList();
        return SimilarNames.nearest(queue.name(), names);
    }

    public QueueProfile.RetentionLimits retention(QueueId queue) {
        QueueProfile profile = profiles.get(queue);
        return profile == null ? QueueProfile.DEFAULT_RETENTION : profile.retention();
    }
}
