package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;

/** Port: what the reconciler asks about the Tasks of a queue. Answers at once and without I/O. */
public interface QueueTasks {
    /** Whether every Task of this namespace that exists has been seen. */
    boolean isSynced(String namespace);

    /** How many Failed Tasks are retained. */
    int failedRetained(QueueId queue);

    /** Names one Task whose outcome the API server refuses to write, and says why; empty where there is none. */
    String refusedWrite(QueueId queue);

    /** Starts all Tasks of a queue again that failed by then. May be asked any number of times. Returns how many are left, once {@link #isSynced}. */
    int redrive(QueueId queue, Instant failedBy);
}
