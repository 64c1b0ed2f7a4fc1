package dev.taskqueue.client;

import dev.taskqueue.client.Creation.AlreadyThere;
import dev.taskqueue.client.Creation.Created;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Creates Tasks. One of these serves a whole program; it holds nothing but the Fabric8 client that it was given.
 *
 * <p>It repeats nothing itself. Fabric8 does, by its own configuration ({@code requestRetryBackoffLimit}, 10 unless set), where the API server
 * could not be reached or answered 429 or 5xx; a Task with a key is created once all the same, one without may come twice.
 */
public final class TaskQueueClient {
    /** The annotation that holds a Task's key. */
    public static final String KEY_ANNOTATION = "taskqueue.dev/key";

    private static final ResourceDefinitionContext TASKS = new ResourceDefinitionContext.Builder()
            .withGroup("taskqueue.dev")
            .withVersion("v1beta1")
            .withKind("Task")
            .withPlural("tasks")
            .withNamespaced(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;

    /** For Tasks of the namespace that the client is configured with: in a pod the pod's own. The client stays the caller's to close. */
    public TaskQueueClient(KubernetesClient client) {
        this(client, Objects.requireNonNullElse(client.getNamespace(), "default"));
    }

    /** For Tasks of this namespace; their queues and Services are there too. The client stays the caller's to close. */
    public TaskQueueClient(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /**
     * Creates the Task, or finds that it is there. Returns once the API server has stored it; it needs no operator for that, and no queue
     * either: a Task whose queue is missing waits for it. The account needs the verb {@code create} on {@code tasks.taskqueue.dev}, and
     * {@code get} where the Task has a key.
     *
     * @throws TaskNameTakenException where another Task has the name that belongs to the key
     * @throws KubernetesClientException where the API server refused it or could not be asked: code 422 = the Task is wrong, and the message
     *     says what to change; 400 = the cluster's CRD does not know a field of it, because it is older than this client; 403 = this account may not create Tasks; 404 = no such namespace, or the CRDs are not installed; 429 and 5xx
     *     = too busy; 0 = no answer, so that it may have been created: ask again with the same key
     */
    public Creation create(NewTask task) {
        GenericKubernetesResource wanted = task.object(namespace);
        Resource<GenericKubernetesResource> request =
                client.genericKubernetesResources(TASKS).inNamespace(namespace).resource(wanted);
        try {
            // A CRD that is older than this client does not know its newest fields. They are refused, not dropped.
            GenericKubernetesResource created =
                    request.fieldValidation(Validation.STRICT).create();
            return new Created(
                    created.getMetadata().getName(), created.getMetadata().getUid());
        } catch (KubernetesClientException refusal) {
            if (task.key() == null || !isNameTaken(refusal)) {
                throw refusal;
            }
            return whatIsThere(task, wanted.getMetadata().getName(), refusal);
        }
    }

    /** 409 may also mean that a quota was changed at the same moment. */
    private static boolean isNameTaken(KubernetesClientException refusal) {
        return refusal.getCode() == HttpURLConnection.HTTP_CONFLICT
                && (refusal.getStatus() == null
                        || !Objects.equals(refusal.getStatus().getReason(), "Conflict"));
    }

    private Creation whatIsThere(NewTask task, String name, KubernetesClientException refusal) {
        GenericKubernetesResource there = client.genericKubernetesResources(TASKS)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (there == null) {
            throw new TaskNameTakenException(
                    "Task " + namespace + "/" + name
                            + " was there and is gone meanwhile: ask again if it shall run again.",
                    refusal);
        }
        String queue = text(there.get("spec", "queueRef", "name"));
        Map<String, String> annotations = there.getMetadata().getAnnotations();
        String key = annotations == null ? null : annotations.get(KEY_ANNOTATION);
        if (!task.queue().equals(queue) || !Objects.equals(task.key(), key)) {
            throw new TaskNameTakenException(
                    "Task " + namespace + "/" + name + " is there with queue " + queue + " and key " + key
                            + ", not with queue " + task.queue() + " and key " + task.key()
                            + ": delete it, or use another key.",
                    refusal);
        }
        return new AlreadyThere(name, there.getMetadata().getUid(), text(there.get("status", "state")));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
