package dev.taskqueue.client;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Objects;

/**
 * Creates Tasks and TaskBatches. One of these serves a whole program; it holds nothing but the Fabric8 client that it was given.
 *
 * <p>It repeats nothing itself. Fabric8 does, by its own configuration ({@code requestRetryBackoffLimit}, 10 unless set), where the API server
 * could not be reached or answered 429 or 5xx; a Task with a key is created once all the same, one without may come twice.
 */
public final class TaskQueueClient {
    /** The annotation that holds the key of a Task or a batch. */
    public static final String KEY_ANNOTATION = "taskqueue.dev/key";

    private final ObjectCreator creator;

    /** For Tasks and batches of the namespace that the client is configured with: in a pod the pod's own. The client stays the caller's to close. */
    public TaskQueueClient(KubernetesClient client) {
        this(client, Objects.requireNonNullElse(client.getNamespace(), "default"));
    }

    /** For Tasks and batches of this namespace; their queues and Services are there too. The client stays the caller's to close. */
    public TaskQueueClient(KubernetesClient client, String namespace) {
        this.creator = new ObjectCreator(client, namespace);
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
        return creator.create(task.object(creator.namespace()), task.queue(), task.key());
    }

    /**
     * Begins a batch: many deliveries of this queue in few objects, which is much cheaper than a Task for each. The account needs the verb {@code
     * create} on {@code taskbatches.taskqueue.dev}, and {@code get} where the batch has a key.
     */
    public BatchBuilder batch(String queue) {
        return new BatchBuilder(creator, queue);
    }
}
