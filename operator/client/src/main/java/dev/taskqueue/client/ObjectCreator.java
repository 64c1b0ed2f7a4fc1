package dev.taskqueue.client;

import dev.taskqueue.client.Creation.AlreadyThere;
import dev.taskqueue.client.Creation.Created;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Creates Tasks and TaskBatches, or finds that they are there. */
final class ObjectCreator {
    private final KubernetesClient client;
    private final String namespace;

    ObjectCreator(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    String namespace() {
        return namespace;
    }

    /**
     * Creates one object.
     *
     * @param wanted with a name if there is a key
     * @param queue the one that it names
     */
    Creation create(GenericKubernetesResource wanted, String queue, @Nullable String key) {
        try {
            // A CRD that is older than this client does not know its newest fields. They are refused, not dropped.
            GenericKubernetesResource created = objects(wanted.getKind())
                    .resource(wanted)
                    .fieldValidation(Validation.STRICT)
                    .create();
            return new Created(
                    created.getMetadata().getName(), created.getMetadata().getUid());
        } catch (KubernetesClientException refusal) {
            if (key == null || !isNameTaken(refusal)) {
                throw refusal;
            }
            return whatIsThere(wanted, queue, key, refusal);
        }
    }

    private NonNamespaceOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>> objects(
            String kind) {
        MixedOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>> all =
                client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup("taskqueue.dev")
                        .withVersion("v1beta1")
                        .withKind(kind)
                        .withPlural(kind.equals("Task") ? "tasks" : "taskbatches")
                        .withNamespaced(true)
                        .build());
        return all.inNamespace(namespace);
    }

    /** 409 may also mean that a quota was changed at the same moment. */
    private static boolean isNameTaken(KubernetesClientException refusal) {
        return refusal.getCode() == HttpURLConnection.HTTP_CONFLICT
                && (refusal.getStatus() == null
                        || !Objects.equals(refusal.getStatus().getReason(), "Conflict"));
    }

    private Creation whatIsThere(
            GenericKubernetesResource wanted, String wantedQueue, String wantedKey, KubernetesClientException refusal) {
        String name = wanted.getMetadata().getName();
        String object = wanted.getKind() + " " + namespace + "/" + name;
        GenericKubernetesResource there =
                objects(wanted.getKind()).withName(name).get();
        if (there == null) {
            throw new TaskNameTakenException(
                    object + " was there and is gone meanwhile: ask again if it shall run again.", refusal);
        }
        String queue = text(there.get("spec", "queueRef", "name"));
        Map<String, String> annotations = there.getMetadata().getAnnotations();
        String key = annotations == null ? null : annotations.get(TaskQueueClient.KEY_ANNOTATION);
        if (!wantedQueue.equals(queue) || !Objects.equals(wantedKey, key)) {
            throw new TaskNameTakenException(
                    object + " is there with queue " + queue + " and key " + key + ", not with queue " + wantedQueue
                            + " and key " + wantedKey + ": delete it, or use another key.",
                    refusal);
        }
        return new AlreadyThere(name, there.getMetadata().getUid(), text(there.get("status", "state")));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
