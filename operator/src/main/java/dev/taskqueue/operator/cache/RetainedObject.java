package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A Task or a TaskBatch, as far as it matters how long it is kept after its end. */
public interface RetainedObject {
    QueueId queue();

    String uid();

    /** {@code spec.ttlAfterFinished}, which never changes; null if the rules of its queue apply. */
    @Nullable Duration ttl();

    /** Whether Git, Helm or kubectl apply manages it now. Takes no lock. */
    boolean isTracked();
}
