package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** A {@link TestCluster} with a worker and a queue. Its operator sees the API server through a {@link FaultProxy}. */
final class FaultyCluster implements AutoCloseable {
    static final String TASKS = "/tasks";
    static final String STATUS = "/tasks/[^/]+/status";

    private static final int PORT = 8080;

    final ControlPlane plane;
    final String namespace;
    final RecordingWorker worker;
    final FaultProxy proxy;
    private final TestCluster cluster;
    private final List<String> created = new ArrayList<>();
    private boolean started;

    FaultyCluster(ControlPlane plane) throws IOException {
        this.plane = plane;
        cluster = new TestCluster(plane);
        namespace = cluster.namespace();
        cluster.service("worker", "''", "[{name: http, port: %d}]".formatted(PORT));
        worker = cluster.workerAt(clusterIp(), PORT);
        setReady(true);
        proxy = new FaultProxy(cluster.account().config());
    }

    private String clusterIp() {
        return plane.client()
                .services()
                .inNamespace(namespace)
                .withName("worker")
                .require()
                .getSpec()
                .getClusterIP();
    }

    /** Gives the Service an endpoint that is ready or not ready. Its address is from the range for documentation. */
    void setReady(boolean ready) {
        cluster.kubectlWithInput("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: worker, labels: {kubernetes.io/service-name: worker}}
                addressType: IPv4
                ports: [{name: http, port: 8080}]
                endpoints: [{addresses: [192.0.2.1], conditions: {ready: %s}}]
                """.formatted(ready), "apply", "-f", "-");
    }

    /** Creates queue {@code orders}; {@code spec} is YAML in braces. */
    void queue(String spec) {
        queue("orders", spec);
    }

    void queue(String name, String spec) {
        cluster.queue(name, spec);
    }

    /** Ends the pause of the queue. */
    void resume() {
        cluster.patchQueue("orders", "{spec: {state: Running}}");
    }

    /** From now on succeeded Tasks of the queue are kept for this long. */
    void setRetention(String succeeded) {
        cluster.patchQueue("orders", "{spec: {retention: {succeeded: " + succeeded + "}}}");
    }

    /** Starts the operator. The settings have the form of {@link TestCluster#operator(String...)}. */
    void start(String... settings) {
        cluster.operator(proxy.config(), settings);
        started = true;
    }

    /** Starts the packaged operator in a separate process, and returns once it is ready. The caller must close it. */
    OperatorProcess process() {
        OperatorProcess process = startProcess();
        process.awaitReady();
        return process;
    }

    /** Does the same without waiting for it. */
    OperatorProcess startProcess(String... settings) {
        return new OperatorProcess(proxy.kubeconfig(), cluster.environment(settings));
    }

    /** Stops the operator after the outcomes of its requests in flight are written. */
    void stop() {
        if (started) {
            cluster.stopLast();
            started = false;
        }
    }

    /** Creates a Task of queue {@code orders} for the worker; returns its uid. */
    String task(String name) {
        return task(name, "");
    }

    /** Does the same as {@link #task(String)}; {@code more} is added to its request. */
    String task(String name, String more) {
        return taskOf("orders", name, more);
    }

    /** Does the same as {@link #task(String, String)}, for another queue. */
    String taskOf(String queue, String name, String more) {
        created.add(name);
        return cluster.task(
                name, "{queueRef: {name: %s}, httpRequest: {serviceRef: {name: worker}%s}}".formatted(queue, more));
    }

    /** Creates a TaskBatch of queue {@code orders} for the worker. */
    void batch(String name, int items) {
        cluster.batch(
                name,
                "{queueRef: {name: orders}, template: {httpRequest: {serviceRef: {name: worker}}}, count: %d}"
                        .formatted(items));
    }

    void awaitBatchState(String name, String state) {
        cluster.awaitBatchState(name, state);
    }

    /** Whether the condition Blocked of queue {@code orders} is True. */
    boolean isBlocked() {
        return !blocked().isEmpty();
    }

    /** What the condition Blocked of queue {@code orders} says; empty if it is not True. */
    String blocked() {
        TaskQueue queue = plane.client()
                .resources(TaskQueue.class)
                .inNamespace(namespace)
                .withName("orders")
                .get();
        return queue == null || queue.getStatus() == null
                ? ""
                : Objects.requireNonNullElse(queue.getStatus().conditions(), List.<Condition>of()).stream()
                        .filter(condition -> condition.getType().equals("Blocked")
                                && condition.getStatus().equals("True"))
                        .map(Condition::getMessage)
                        .findFirst()
                        .orElse("");
    }

    Resource<Task> find(String name) {
        return plane.client().resources(Task.class).inNamespace(namespace).withName(name);
    }

    @Nullable TaskStatus status(String name) {
        Task task = find(name).get();
        return task == null ? null : task.getStatus();
    }

    ConditionFactory await(String what) {
        return Awaitility.await(what).pollInterval(Duration.ofMillis(50));
    }

    void awaitState(String name, TaskState state) {
        await(name + " is " + state).until(() -> {
            TaskStatus status = status(name);
            return status != null && status.state() == state;
        });
    }

    /** Waits until every Task that was created here has succeeded. Checks that the worker received each as often as its status counts. */
    void assertDelivered(int attempts) {
        for (String name : List.copyOf(created)) {
            awaitState(name, TaskState.Succeeded);
        }
        stop();
        for (String name : created) {
            Task task = Objects.requireNonNull(find(name).get());
            TaskStatus status = Objects.requireNonNull(task.getStatus());
            assertThat(status.state()).as(name).isEqualTo(TaskState.Succeeded);
            assertThat(status.dispatchCount()).as("what %s counts", name).isEqualTo(attempts);
            assertThat(worker.count(task.getMetadata().getUid()))
                    .as("what the worker received of %s", name)
                    .isEqualTo(attempts);
            assertThat(status.claim()).as(name).isNull();
        }
    }

    @Override
    public void close() throws IOException {
        proxy.comeBack();
        stop();
        proxy.close();
        cluster.close();
    }
}
