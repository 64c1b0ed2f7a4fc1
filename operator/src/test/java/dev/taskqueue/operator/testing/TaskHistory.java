package dev.taskqueue.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every version of every Task of a namespace, from a watch. Each write is one version. It begins when this object is created. */
public final class TaskHistory implements Watcher<GenericKubernetesResource>, AutoCloseable {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private final List<Version> versions = new CopyOnWriteArrayList<>();
    private final Watch watch;

    /**
     * One version of a Task.
     *
     * @param action ADDED, MODIFIED or DELETED
     */
    public record Version(String action, String task, JsonNode status) {}

    @SuppressWarnings("this-escape") // final, and the last action of the constructor
    public TaskHistory(TestCluster cluster) {
        watch = cluster.plane()
                .client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", "Task")
                .inNamespace(cluster.namespace())
                .watch(this);
    }

    /** The events of one Task: {@code ADDED Pending}, {@code MODIFIED Succeeded} and so on. */
    public List<String> of(String task) {
        return versions.stream()
                .filter(version -> version.task().equals(task))
                .map(version ->
                        version.action() + " " + version.status().path("state").asText())
                .toList();
    }

    public List<Version> versions() {
        return List.copyOf(versions);
    }

    @Override
    public void eventReceived(Action action, GenericKubernetesResource task) {
        JsonNode status = JSON.convertValue(task, JsonNode.class).path("status");
        versions.add(new Version(action.name(), task.getMetadata().getName(), status));
    }

    @Override
    public void onClose(WatcherException cause) {
        versions.add(new Version("LOST", String.valueOf(cause.getMessage()), JSON.convertValue("", JsonNode.class)));
    }

    @Override
    public void close() {
        watch.close();
    }
}
