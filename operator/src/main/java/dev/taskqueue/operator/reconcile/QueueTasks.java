package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;

/** Port: answers the reconciler's questions about the Tasks of a queue. It answers at once and without I/O. */
public interface QueueTasks {
    /** Whether every Task of this namespace that exists has been seen. */
    boolean isSynced(String namespace);

    /** Whether every change up to this resourceVersion has been seen. If not, it will be soon: the watch is asked for it. */
    boolean hasSeen(String namespace, long version);

    /** How far the clock of this machine is ahead of the API server's, which creation times are by; zero if they differ by less than 5 s. */
    Duration aheadOfServer();

    /** How many Failed Tasks are retained. */
    int failedRetained(QueueId queue);

    /** How many Succeeded Tasks are retained. */
    int succeededRetained(QueueId queue);

    /** Names a Task of the queue whose outcome the API server refuses, and the reason; empty if there is none. */
    String refusedWrite(QueueId queue);

    /**
     * Redrives all Tasks of a queue that failed by the given time, each once for this value of the queue's annotation. May be called any number of
     * times. Returns how many are left; the number is exact once {@link #isSynced}.
     */
    int redrive(QueueId queue, String value, Instant failedBy);
}
