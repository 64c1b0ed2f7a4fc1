package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.Objects;

/** Port: stores the status of a TaskQueue as a whole, if the object still has the version of the given one. */
public interface QueueStatusStore {
    /** Writes by the client of Java Operator SDK, whose cache takes the answer in. */
    QueueStatusStore SDK = (context, queue, status) -> context.resourceOperations()
            .resourcePatch(
                    queue,
                    seen -> Patch.send(context.getClient(), seen, status),
                    context.eventSourceRetriever().getControllerEventSource());

    /**
     * Writes once.
     *
     * @throws KubernetesClientException if the API server refuses it or gives no answer
     */
    void write(Context<TaskQueue> context, TaskQueue queue, TaskQueueStatus status);

    /** A JSON patch, since a merge patch would keep what the new status leaves out. */
    final class Patch {
        private static final PatchContext JSON_PATCH =
                new PatchContext.Builder().withPatchType(PatchType.JSON).build();

        private Patch() {}

        private static TaskQueue send(KubernetesClient client, TaskQueue queue, TaskQueueStatus status) {
            String version = Objects.requireNonNull(queue.getMetadata().getResourceVersion());
            String patch =
                    """
                    [{"op": "replace", "path": "/metadata/resourceVersion", "value": "%s"},
                     {"op": "add", "path": "/status", "value": %s}]""".formatted(version, client.getKubernetesSerialization().asJson(status));
            return client.resource(queue).subresource("status").patch(JSON_PATCH, patch);
        }
    }
}
