package dev.taskqueue.dev.junit;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/** One queue of the namespace {@code default}, for a test to inspect. */
public final class TestQueue {
    private final String name;
    private final KubernetesClient client;

    TestQueue(String name, KubernetesClient client) {
        this.name = name;
        this.client = client;
    }

    /** Its Tasks in the API server, by age, then by name. Ended Tasks are included until their retention is over. */
    public List<Task> tasks() {
        return client.resources(Task.class).inNamespace("default").list().getItems().stream()
                .filter(this::isOurs)
                .sorted(Comparator.comparing((Task task) -> task.getMetadata().getCreationTimestamp())
                        .thenComparing(task -> task.getMetadata().getName()))
                .toList();
    }

    private boolean isOurs(Task task) {
        var queue = task.getSpec().queueRef();
        return queue != null && name.equals(queue.name());
    }

    /**
     * One of {@link #tasks}.
     *
     * @throws NoSuchElementException if the queue has no Task of this name
     */
    public Task task(String taskName) {
        return tasks().stream()
                .filter(task -> task.getMetadata().getName().equals(taskName))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("queue " + name + " has no Task " + taskName));
    }

    /**
     * The operator's report about one of {@link #tasks}.
     *
     * @throws NoSuchElementException if the queue has no Task of this name
     */
    public TaskStatus status(String taskName) {
        return Objects.requireNonNull(task(taskName).getStatus(), "its CRD gives every Task a status");
    }

    /**
     * The state of one of {@link #tasks}, from its status. The status may omit a state that lasts less than a second.
     *
     * @throws NoSuchElementException if the queue has no Task of this name
     */
    public TaskState state(String taskName) {
        return Objects.requireNonNull(status(taskName).state(), "its CRD gives every status a state");
    }
}
