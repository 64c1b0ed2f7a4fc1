package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorAccount;
import dev.taskqueue.operator.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** A namespace with a worker, a queue and an operator of its own that sees the API server through a {@link FaultProxy}. */
final class FaultyCluster implements AutoCloseable {
    static final String TASKS = "/tasks";
    static final String STATUS = "/tasks/[^/]+/status";

    final ControlPlane plane;
    final String namespace;
    final CountingWorker worker;
    final FaultProxy proxy;
    private final OperatorAccount account;
    private final List<String> created = new ArrayList<>();
    private @Nullable TaskQueueOperator operator;

    FaultyCluster(ControlPlane plane) throws IOException {
        this.plane = plane;
        namespace = plane.newNamespace();
        GenericKubernetesResource service = create("""
                apiVersion: v1
                kind: Service
                metadata: {name: worker, namespace: %s}
                spec: {ports: [{name: http, port: %d}]}
                """.formatted(namespace, CountingWorker.PORT));
        setReady(true);
        Map<String, Object> spec = service.get("spec");
        worker = new CountingWorker((String) Objects.requireNonNull(spec.get("clusterIP")));
        account = OperatorAccount.install(plane, namespace);
        proxy = new FaultProxy(account.config());
    }

    /** The Service has an endpoint that is ready, or is not; its address is one for documentation. */
    void setReady(boolean ready) {
        plane.kubectlWithInput("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: worker, namespace: %s, labels: {kubernetes.io/service-name: worker}}
                addressType: IPv4
                ports: [{name: http, port: 8080}]
                endpoints: [{addresses: [192.0.2.1], conditions: {ready: %s}}]
                """.formatted(namespace, ready), "apply", "-f", "-");
    }

    /** Creates queue {@code orders}; {@code spec} is YAML in braces. */
    void queue(String spec) {
        queue("orders", spec);
    }

    void queue(String name, String spec) {
        create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskQueue
                metadata: {name: %s, namespace: %s}
                spec: %s
                """.formatted(name, namespace, spec));
    }

    /** The queue is paused no more. */
    void resume() {
        plane.client()
                .resources(TaskQueue.class)
                .inNamespace(namespace)
                .withName("orders")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"state\":\"Running\"}}");
    }

    /** Starts the operator; {@code settings} are names and values in turn. */
    void start(String... settings) throws IOException {
        if (!(Config.read(environment(settings), Path.of("/none")) instanceof Config.Reading.Valid valid)) {
            throw new IllegalArgumentException("bad settings");
        }
        operator = new TaskQueueOperator(valid.config(), proxy.config());
    }

    /** Starts the packaged operator in a process of its own, the caller's to close; returns once it is ready. */
    OperatorProcess process() {
        var process = new OperatorProcess(proxy.kubeconfig(), environment());
        process.awaitReady();
        return process;
    }

    /** The same without waiting for it; {@code settings} are names and values in turn. */
    OperatorProcess startProcess(String... settings) {
        return new OperatorProcess(proxy.kubeconfig(), environment(settings));
    }

    private Map<String, String> environment(String... settings) {
        var environment = new HashMap<>(Map.of(
                "TASKQUEUE_HTTP_PORT", "0",
                "TASKQUEUE_LEADER_ELECTION", "false",
                "TASKQUEUE_NAMESPACES", namespace,
                "TASKQUEUE_ALLOWED_TARGET_CIDRS", "127.20.0.0/16",
                "TASKQUEUE_SHUTDOWN_GRACE", "5s"));
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return environment;
    }

    /** Stops the operator once what it has in flight is written. */
    void stop() {
        if (operator != null) {
            operator.close();
            operator = null;
        }
    }

    /** Creates a Task of queue {@code orders} for the worker; returns its uid. */
    String task(String name) {
        return task(name, "");
    }

    /** As {@link #task(String)}; {@code more} goes on in its spec. */
    String task(String name, String more) {
        return taskOf("orders", name, more);
    }

    /** As {@link #task(String, String)}, of another queue. */
    String taskOf(String queue, String name, String more) {
        created.add(name);
        return create("""
                        apiVersion: taskqueue.dev/v1beta1
                        kind: Task
                        metadata: {name: %s, namespace: %s}
                        spec: {queueRef: {name: %s}, httpRequest: {serviceRef: {name: worker}%s}}
                        """.formatted(name, namespace, queue, more)).getMetadata().getUid();
    }

    /** Whether the condition Blocked of queue {@code orders} is True. */
    boolean isBlocked() {
        TaskQueue queue = plane.client()
                .resources(TaskQueue.class)
                .inNamespace(namespace)
                .withName("orders")
                .get();
        return queue != null
                && queue.getStatus() != null
                && Objects.requireNonNullElse(queue.getStatus().conditions(), List.<Condition>of()).stream()
                        .anyMatch(condition -> condition.getType().equals("Blocked")
                                && condition.getStatus().equals("True"));
    }

    private GenericKubernetesResource create(String yaml) {
        GenericKubernetesResource object = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        return plane.client()
                .genericKubernetesResources(object.getApiVersion(), object.getKind())
                .inNamespace(namespace)
                .resource(object)
                .create();
    }

    Resource<Task> find(String name) {
        return plane.client().resources(Task.class).inNamespace(namespace).withName(name);
    }

    @Nullable TaskStatus status(String name) {
        Task task = find(name).get();
        return task == null ? null : task.getStatus();
    }

    ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    void awaitState(String name, TaskState state) {
        await(name + " is " + state).until(() -> {
            TaskStatus status = status(name);
            return status != null && status.state() == state;
        });
    }

    /** Waits until every Task that was created here has succeeded, and checks that it was received as often as it counts. */
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
            assertThat(worker.received(task.getMetadata().getUid()))
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
        worker.close();
        account.assertSufficed();
    }
}
