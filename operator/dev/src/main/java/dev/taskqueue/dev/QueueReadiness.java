package dev.taskqueue.dev;

import dev.taskqueue.operator.api.TaskQueue;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Objects;

/** Waits until the operator has reported on every queue. */
final class QueueReadiness {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final KubernetesClient client;

    QueueReadiness(KubernetesClient client) {
        this.client = client;
    }

    /** Returns whether it has reported on all of them within this time. */
    boolean await(Duration limit) throws InterruptedException {
        for (long left = limit.dividedBy(PAUSE); left > 0; left--) {
            if (allAreReported()) {
                return true;
            }
            Thread.sleep(PAUSE);
        }
        return allAreReported();
    }

    private boolean allAreReported() {
        return client.resources(TaskQueue.class).inAnyNamespace().list().getItems().stream()
                .allMatch(queue -> queue.getStatus() != null
                        && Objects.equals(
                                queue.getStatus().observedGeneration(),
                                queue.getMetadata().getGeneration()));
    }
}
