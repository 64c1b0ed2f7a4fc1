package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.QueueId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The queues that have series of their own: the first that are seen, up to a bound. All others share the series of {@link #OTHER}, so the number of
 * series does not grow with the number of queues. Thread-safe.
 */
final class NamedQueues {
    /** Stands for all queues above the bound. No name in Kubernetes has an underscore. */
    static final QueueId OTHER = new QueueId("_other", "_other");

    private final int most;
    private final Set<QueueId> named = ConcurrentHashMap.newKeySet();

    NamedQueues(int most) {
        this.most = most;
    }

    /** The queue under whose name this one is shown. */
    QueueId of(QueueId queue) {
        return named.contains(queue) || add(queue) ? queue : OTHER;
    }

    private synchronized boolean add(QueueId queue) {
        return named.contains(queue) || (named.size() < most && named.add(queue));
    }

    /** The queues that do not exist any more leave their places to others. */
    void keep(Predicate<QueueId> exists) {
        named.removeIf(exists.negate());
    }
}
