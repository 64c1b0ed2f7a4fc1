package dev.taskqueue.dev;

import dev.taskqueue.operator.api.TaskQueue;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits until the operator has reported on every queue. */
final class QueueReadiness {
    private final AnyNamespaceOperation<TaskQueue, KubernetesResourceList<TaskQueue>, Resource<TaskQueue>> queues;

    QueueReadiness(KubernetesClient client) {
        queues = client.resources(TaskQueue.class).inAnyNamespace();
    }

    /** Returns whether it has reported on all of them within this time. */
    boolean await(Duration limit) throws InterruptedException {
        if (areReported(queues.list().getItems())) {
            return true;
        }
        CompletableFuture<List<TaskQueue>> reported = queues.informOnCondition(QueueReadiness::areReported);
        try {
            reported.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException failure) {
            throw new IllegalStateException("The queues cannot be watched", failure);
        } finally {
            // Ends the watch.
            reported.cancel(true);
        }
    }

    private static boolean areReported(List<TaskQueue> all) {
        return all.stream()
                .allMatch(queue -> queue.getStatus() != null
                        && Objects.equals(
                                queue.getStatus().observedGeneration(),
                                queue.getMetadata().getGeneration()));
    }
}
