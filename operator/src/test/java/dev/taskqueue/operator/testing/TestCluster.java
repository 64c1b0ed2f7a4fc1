package dev.taskqueue.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.controlplane.ControlPlaneProcesses;
import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.ops.Config;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.net.ServerSocketFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * One test's own part of a control plane, mostly of the shared one: a namespace, workers behind Services, TaskQueues and Tasks, and operators that
 * serve only this namespace. Everything that it started ends with it.
 */
public final class TestCluster implements AutoCloseable {
    /** How long to wait for something that must happen. It is generous, because a slow machine shows nothing about the operator. */
    public static final Duration PATIENCE = Duration.ofSeconds(90);

    /** The name that the chart gives the lease. The chart grants access to this lease only. */
    public static final String LEASE = OperatorAccount.NAME;

    /** The shortest duration that the settings allow. */
    public static final String LEASE_DURATION = "5s";

    /** For {@code @Order}: long classes begin early, so that none of them still runs when all others are done. */
    public static final int LONG_FIRST = 1;

    private static final String TASKQUEUE_API = "taskqueue.dev/v1beta1";
    private static final String API = "/apis/" + TASKQUEUE_API + "/namespaces/";
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The API server itself chooses addresses only after the first 256. */
    private static final AtomicInteger ADDRESSES = new AtomicInteger(10);

    private static final int LAST = 254;
    private static final int FIRST_SHARED_BLOCK = 199;

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
    }

    private final ControlPlane plane;
    private final String namespace;
    private final OperatorAccount account;
    private final Deque<Runnable> started = new ArrayDeque<>();

    /** Uses the control plane that all tests share. */
    public TestCluster() {
        this(ControlPlane.shared());
    }

    /** Uses a control plane that the caller started, and closes after this. */
    public TestCluster(ControlPlane plane) {
        this.plane = plane;
        namespace = plane.newNamespace();
        account = OperatorAccount.install(plane, namespace);
    }

    public ControlPlane plane() {
        return plane;
    }

    /** The namespace of this test alone. */
    public String namespace() {
        return namespace;
    }

    /** A worker with a Service of that name. Its only port is called http, and its endpoint is ready. */
    public RecordingWorker worker(String service) {
        RecordingWorker worker = worker();
        service(service, worker.address(), "[{name: http, port: %d}]".formatted(worker.port()));
        endpoint(service, true, "[{name: http, port: 8080}]");
        return worker;
    }

    /** Does the same behind TLS, on a port called https. */
    public RecordingWorker worker(String service, TestingCertificate certificate) {
        try {
            RecordingWorker worker = worker(certificate.serverSockets(), nextAddress(), 0);
            service(service, worker.address(), "[{name: https, port: %d}]".formatted(worker.port()));
            endpoint(service, true, "[{name: https, port: 8443}]");
            return worker;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A worker on an address that no other test has, without a Service. */
    public RecordingWorker worker() {
        return workerAt(nextAddress(), 0);
    }

    /**
     * An address of loopback that no other test has. Those after the first 245 are addresses that the API server might choose, too, but it has 65,000
     * of them.
     */
    public static String nextAddress() {
        int number = ADDRESSES.getAndIncrement();
        int block = number / LAST;
        return "127.20.%d.%d".formatted(block == 0 ? 0 : FIRST_SHARED_BLOCK + block, 1 + number % LAST);
    }

    /** A worker on a given address, without a Service. Port 0 means any free port. */
    public RecordingWorker workerAt(String address, int port) {
        return worker(ServerSocketFactory.getDefault(), address, port);
    }

    private RecordingWorker worker(ServerSocketFactory sockets, String address, int port) {
        // The port of a worker that was closed may still be open for a moment: in a process that is just being started.
        RecordingWorker worker = Awaitility.await()
                .ignoreExceptionsMatching(e -> e.getCause() instanceof BindException)
                .until(() -> new RecordingWorker(sockets, address, port), Objects::nonNull);
        started.push(worker::close);
        return worker;
    }

    /** Creates a Service. Its address is a ClusterIP, {@code None}, or {@code ''} for one that the API server chooses. Its ports are YAML. */
    public void service(String name, String address, String ports) {
        create("{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: {clusterIP: %s, ports: %s}}"
                .formatted(name, address, ports));
    }

    /**
     * Creates an EndpointSlice for a Service. The API server refuses loopback addresses there, so it contains an address from the range for
     * documentation.
     */
    public void endpoint(String service, boolean ready, String ports) {
        create("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {generateName: %1$s-, labels: {kubernetes.io/service-name: %1$s}}
                addressType: IPv4
                endpoints: [{addresses: [192.0.2.7], conditions: {ready: %2$s}}]
                ports: %3$s
                """.formatted(service, ready, ports));
    }

    public void queue(String name, String spec) {
        create("TaskQueue", name, spec);
    }

    /** Creates a Task, and returns its uid. */
    public String task(String name, String spec) {
        return create("Task", name, spec).getMetadata().getUid();
    }

    /** Creates a TaskBatch with this spec. */
    public void batch(String name, String spec) {
        create("{apiVersion: taskqueue.dev/v1beta1, kind: TaskBatch, metadata: {name: %s}, spec: %s}"
                .formatted(name, spec));
    }

    /** Annotates a TaskBatch as {@code kubectl annotate} does. */
    public void annotateBatch(String name, String... annotations) {
        var command = new ArrayList<>(List.of("annotate", "--overwrite", "taskbatches", name));
        command.addAll(List.of(annotations));
        kubectl(command.toArray(String[]::new));
    }

    /** Waits until the batch is in this state, and returns its status. */
    public JsonNode awaitBatchState(String batch, String state) {
        return awaitBatch(batch, status -> state.equals(status.path("state").asText()), state);
    }

    /** Waits until the status of the batch is as wanted. */
    public JsonNode awaitBatch(String batch, Predicate<JsonNode> there, String what) {
        return await("TaskBatch " + batch, () -> getBatch(batch).path("status"), there, what);
    }

    /** Changes a TaskQueue by a merge patch, in YAML. */
    public void patchQueue(String name, String patch) {
        plane.client()
                .genericKubernetesResources(TASKQUEUE_API, "TaskQueue")
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), json(patch).toString());
    }

    private static JsonNode json(String yaml) {
        return ControlPlane.YAML.unmarshal("---\n" + yaml, JsonNode.class);
    }

    /** Changes any object of this namespace in the same way. */
    public void patch(String kind, String name, String patch) {
        kubectl("patch", kind, name, "--type=merge", "-p", json(patch).toString());
    }

    /** Sets annotations of a Task, each in kubectl's form: {@code NAME=value}, or {@code NAME-} to remove it. */
    public void annotateTask(String name, String... annotations) {
        annotate("tasks.taskqueue.dev", name, annotations);
    }

    /** Does the same for a TaskQueue. */
    public void annotateQueue(String name, String... annotations) {
        annotate("tq", name, annotations);
    }

    /** Uses kubectl, because it matters who owns the field. */
    private void annotate(String kind, String name, String... annotations) {
        var args = new ArrayList<>(List.of("annotate", kind, name, "--overwrite"));
        args.addAll(List.of(annotations));
        kubectl(args.toArray(String[]::new));
    }

    /** Runs kubectl in this namespace and returns its stdout. */
    public String kubectl(String... args) {
        return kubectlWithInput("", args);
    }

    /** Does the same with a manifest on stdin, for {@code -f -}. */
    public String kubectlWithInput(String stdin, String... args) {
        var all = new ArrayList<>(List.of("-n", namespace));
        all.addAll(List.of(args));
        return plane.kubectlWithInput(stdin, all.toArray(String[]::new));
    }

    /** The names {@code prefix-0} and so on. */
    public static List<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + "-" + i).toList();
    }

    /** Creates Tasks with these names and the same spec, several at a time. */
    public void tasks(List<String> names, String spec) {
        Object parsed = ControlPlane.YAML.unmarshal("---\n" + spec, Object.class);
        names.parallelStream().forEach(name -> {
            var task = new GenericKubernetesResource();
            task.setApiVersion(TASKQUEUE_API);
            task.setKind("Task");
            task.setMetadata(new ObjectMetaBuilder().withName(name).build());
            task.setAdditionalProperty("spec", parsed);
            plane.client().resource(task).inNamespace(namespace).create();
        });
    }

    private GenericKubernetesResource create(String kind, String name, String spec) {
        return create("---\napiVersion: taskqueue.dev/v1beta1\nkind: %s\nmetadata: {name: %s}\nspec: %s\n"
                .formatted(kind, name, spec));
    }

    /** Creates one object of this namespace. */
    public GenericKubernetesResource create(String yaml) {
        var object = ControlPlane.YAML.unmarshal("---\n" + yaml, GenericKubernetesResource.class);
        return plane.client().resource(object).inNamespace(namespace).create();
    }

    public void deleteTask(String name) {
        plane.client()
                .genericKubernetesResources(TASKQUEUE_API, "Task")
                .inNamespace(namespace)
                .withName(name)
                .delete();
    }

    /** A Task in the API server; a missing node if it does not exist. */
    public JsonNode get(String name) {
        return read("tasks/" + name);
    }

    /** A TaskBatch in the API server; a missing node if it does not exist. */
    public JsonNode getBatch(String name) {
        return read("taskbatches/" + name);
    }

    /** A TaskQueue in the API server; a missing node if it does not exist. */
    public JsonNode getQueue(String name) {
        return read("taskqueues/" + name);
    }

    /** A TaskQueue's status. */
    public JsonNode queueStatus(String name) {
        return getQueue(name).path("status");
    }

    public JsonNode status(String name) {
        return get(name).path("status");
    }

    private JsonNode read(String what) {
        try {
            String text = plane.client().raw(API + namespace + "/" + what);
            JsonNode found = JSON.readTree(text == null ? "" : text);
            return found.path("kind").asText().equals("Status") ? JSON.missingNode() : found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All Tasks of this namespace. */
    public List<JsonNode> tasks() {
        var tasks = new ArrayList<JsonNode>();
        read("tasks").path("items").forEach(tasks::add);
        return tasks;
    }

    /** Waits until a Task's {@code status.state} has this value, and returns the status. */
    public JsonNode awaitState(String task, String state) {
        return await(task, status -> status.path("state").asText().equals(state), state);
    }

    /** Waits until the reason of a Task's condition Succeeded has this value, and returns the status. */
    public JsonNode awaitReason(String task, String reason) {
        return await(
                task,
                status -> StatusConditions.conditions(status)
                        .getOrDefault("Succeeded", "")
                        .endsWith(" " + reason),
                reason);
    }

    public JsonNode await(String task, Predicate<JsonNode> there, String what) {
        return await("Task " + task, () -> status(task), there, what);
    }

    private static JsonNode await(String who, Supplier<JsonNode> status, Predicate<JsonNode> there, String what) {
        var last = new AtomicReference<JsonNode>(JSON.missingNode());
        try {
            Awaitility.await().until(() -> {
                last.set(status.get());
                return there.test(last.get());
            });
        } catch (org.awaitility.core.ConditionTimeoutException late) {
            throw new AssertionError(who + " is not " + what + " but " + last.get(), late);
        }
        return last.get();
    }

    /** Waits until a TaskQueue's status fulfils the condition, and returns the status. */
    public JsonNode awaitQueue(String queue, Predicate<JsonNode> there) {
        return Awaitility.await("TaskQueue " + queue).until(() -> queueStatus(queue), there);
    }

    /** Waits until a TaskQueue's {@code status.state} has this value, and returns the status. */
    public JsonNode awaitQueueState(String queue, String state) {
        return awaitQueue(queue, status -> status.path("state").asText().equals(state));
    }

    /** Waits until this generation of a TaskQueue is in force. */
    public void awaitSettled(String queue, int generation) {
        awaitQueue(queue, status -> status.path("observedGeneration").asInt() == generation);
    }

    /** Waits until no Task of this name exists. */
    public void awaitGone(String task) {
        Awaitility.await("Task " + task + " to be gone").until(() -> get(task).isMissingNode());
    }

    /** The account of its operators. */
    public OperatorAccount account() {
        return account;
    }

    /** Starts an operator for this namespace in this process. Settings are {@code NAME=value}, without {@code TASKQUEUE_}. */
    public TaskQueueOperator operator(String... settings) {
        return operator(account.config(), settings);
    }

    /**
     * Does the same with an administrator's rights, for a test that creates the shown manifests: nobody has listed their accounts, Secrets and
     * ConfigMaps for the operator. The requests of this operator are not compared with the chart's rights.
     */
    public TaskQueueOperator privilegedOperator(String... settings) {
        return operator(plane.client().getConfiguration(), settings);
    }

    /** Does the same with another client configuration for the API server. */
    public TaskQueueOperator operator(io.fabric8.kubernetes.client.Config cluster, String... settings) {
        var reading = Config.read(environment(settings), Path.of("none"));
        if (!(reading instanceof Config.Reading.Valid valid)) {
            throw new IllegalArgumentException(reading.toString());
        }
        try {
            var operator = new TaskQueueOperator(valid.config(), cluster);
            started.push(operator::close);
            return operator;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the packaged operator for this namespace in a separate process, and returns once it is ready. */
    public OperatorProcess process(String... settings) {
        return process(Map.of(), settings);
    }

    /** Does the same, with more environment variables than the operator's own settings. */
    public OperatorProcess process(Map<String, String> more, String... settings) {
        Map<String, String> environment = environment(settings);
        environment.putAll(more);
        var process = new OperatorProcess(account.kubeconfig(), environment);
        started.push(process::close);
        process.awaitReady();
        return process;
    }

    /** Starts one of several such processes, one of which is the leader. Returns once its caches are filled. */
    public OperatorProcess replica(String... settings) {
        var all = new ArrayList<>(List.of(
                "LEADER_ELECTION=true",
                "LEASE_NAMESPACE=" + namespace,
                "LEASE_NAME=" + LEASE,
                "LEASE_DURATION=" + LEASE_DURATION));
        all.addAll(List.of(settings));
        return process(all.toArray(String[]::new));
    }

    /** Does the same, and returns once it is the leader. */
    public OperatorProcess leadingReplica(String... settings) {
        OperatorProcess leader = replica(settings);
        Awaitility.await("that it leads").until(() -> leader.metric("taskqueue_leader") == 1);
        return leader;
    }

    /** The lease of these processes; null if there is none. */
    public @Nullable Lease lease() {
        return plane.client().leases().inNamespace(namespace).withName(LEASE).get();
    }

    /** The holder of the lease; empty if nobody holds it. */
    public String leader() {
        Lease lease = lease();
        String holder = lease == null ? null : lease.getSpec().getHolderIdentity();
        return holder == null ? "" : holder;
    }

    /** Waits until somebody other than these is the leader, and returns the name of the leader. */
    public String awaitLeader(String... others) {
        return Awaitility.await("a leader")
                .until(this::leader, now -> !now.isEmpty() && !List.of(others).contains(now));
    }

    /** Ends what was started last. An operator in this process finishes its work first. */
    public void stopLast() {
        started.pop().run();
    }

    /** The environment of an operator for this namespace. The settings have the form of {@link #operator(String...)}. */
    public Map<String, String> environment(String... settings) {
        var all = new ArrayList<>(List.of(
                "NAMESPACES=" + namespace,
                "HTTP_PORT=0",
                "LEADER_ELECTION=false",
                "ALLOWED_TARGET_CIDRS=" + ControlPlaneProcesses.SERVICE_RANGE,
                // A failing test has requests that hang, and need not wait for them for a long time.
                "SHUTDOWN_GRACE=5s"));
        all.addAll(List.of(settings));
        var environment = new HashMap<String, String>();
        all.forEach(setting -> {
            String[] parts = setting.split("=", 2);
            environment.put("TASKQUEUE_" + parts[0], parts[1]);
        });
        return environment;
    }

    /** Ends operators and workers, the last started first. Fails if the chart's rights were not sufficient. May be called twice. */
    @Override
    public void close() {
        while (!started.isEmpty()) {
            started.pop().run();
        }
        account.assertSufficed();
    }
}
