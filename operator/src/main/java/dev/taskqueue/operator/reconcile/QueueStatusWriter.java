package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.Objects;

/**
 * Writes a TaskQueue's status as a whole, onto the version of the object that it was made from. If somebody has changed the object meanwhile, above
 * all another leader, the write is a conflict and overwrites nothing. (The writes of Java Operator SDK itself carry no version.)
 */
final class QueueStatusWriter {
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final PatchContext JSON_PATCH =
            new PatchContext.Builder().withPatchType(PatchType.JSON).build();

    private QueueStatusWriter() {}

    /** Returns whether the status is written. If not, the object has changed, and the watch delivers the change. */
    static boolean write(Context<TaskQueue> context, TaskQueue queue, TaskQueueStatus status) {
        try {
            // The SDK's cache takes the answer in.
            context.resourceOperations()
                    .resourcePatch(
                            queue,
                            seen -> patch(context.getClient(), seen, status),
                            context.eventSourceRetriever().getControllerEventSource());
            return true;
        } catch (KubernetesClientException failure) {
            if (failure.getCode() == CONFLICT || failure.getCode() == NOT_FOUND) {
                return false;
            }
            throw failure;
        }
    }

    private static TaskQueue patch(KubernetesClient client, TaskQueue queue, TaskQueueStatus status) {
        String version = Objects.requireNonNull(queue.getMetadata().getResourceVersion());
        String patch =
                """
                [{"op": "replace", "path": "/metadata/resourceVersion", "value": "%s"},
                 {"op": "add", "path": "/status", "value": %s}]""".formatted(version, client.getKubernetesSerialization().asJson(status));
        return client.resource(queue).subresource("status").patch(JSON_PATCH, patch);
    }
}
