package dev.taskqueue.operator;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads the TaskQueues of a namespace past the watch, which may be behind: the former leader may have acknowledged a pause that it does not show yet. */
final class QueueTakeOver {
    private final ApiClient api;
    private final TaskQueueReconciler reconciler;

    QueueTakeOver(ApiClient api, TaskQueueReconciler reconciler) {
        this.api = api;
        this.reconciler = reconciler;
    }

    /**
     * To be called before this process acts there.
     *
     * @param namespace empty = all
     * @throws IOException when the API server does not answer; the caller tries again
     */
    void takeOver(String namespace) throws IOException {
        List<TaskQueue> queues = new ArrayList<>();
        ApiClient.Listing listing = api.listQueues(namespace, queues::add);
        reconciler.adopt(namespace, queues, Long.parseLong(listing.version()));
    }
}
