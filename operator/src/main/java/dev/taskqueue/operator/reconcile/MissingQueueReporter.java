package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Fence;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs queues that Tasks name although they do not exist: once for each, and once when it is over. A queue without an object has no status that could
 * say it. Its monitor guards it.
 */
public final class MissingQueueReporter {
    /** Anybody who may create Tasks can name any number of queues. */
    static final int MAX_NAMED = 50;

    private static final Logger LOG = LoggerFactory.getLogger(MissingQueueReporter.class);

    private final Engine engine;
    private final QueueProfiles queues;
    private final Fence fence;
    /** The queues that were missing at the last check. One that is created together with its Tasks may be seen after them. */
    private Set<QueueId> last = Set.of();

    private final Set<QueueId> reported = new LinkedHashSet<>();
    private boolean isBoundReported;

    public MissingQueueReporter(Engine engine, QueueProfiles queues, Fence fence) {
        this.engine = engine;
        this.queues = queues;
        this.fence = fence;
    }

    /** To be called every few seconds. */
    public synchronized void check() {
        Map<QueueId, Integer> missing = engine.missingQueues();
        missing.keySet().removeIf(queue -> !fence.isOpen(queue.namespace()));
        reported.removeIf(queue -> isOver(queue, missing));
        isBoundReported &= reported.size() == MAX_NAMED;
        missing.forEach((queue, tasks) -> {
            if (last.contains(queue) && !reported.contains(queue)) {
                report(queue, tasks);
            }
        });
        last = new HashSet<>(missing.keySet());
    }

    private boolean isOver(QueueId queue, Map<QueueId, Integer> missing) {
        if (missing.containsKey(queue)) {
            return false;
        }
        if (fence.isOpen(queue.namespace())) {
            LOG.info(
                    "{}",
                    queues.get(queue) == null
                            ? "No Task names TaskQueue " + queue + " any more, which does not exist"
                            : "TaskQueue " + queue + " exists now, and its Tasks are sent");
        }
        return true;
    }

    private void report(QueueId queue, int tasks) {
        if (reported.size() < MAX_NAMED) {
            reported.add(queue);
            String similar = queues.similar(queue);
            LOG.warn(
                    "TaskQueue {} does not exist, and {} for it: create it, or delete the Tasks and create them with another queueRef{}",
                    queue,
                    tasks == 1 ? "1 Task waits" : tasks + " Tasks wait",
                    similar == null ? "" : " (did you mean " + similar + "?)");
        } else if (!isBoundReported) {
            isBoundReported = true;
            LOG.warn(
                    "More than {} TaskQueues do not exist although Tasks name them; no more of them are logged",
                    MAX_NAMED);
        }
    }
}
