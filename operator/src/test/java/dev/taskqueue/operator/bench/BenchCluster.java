package dev.taskqueue.operator.bench;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The place of all measurements: one control plane, one namespace in it, two workers behind Services, and load. */
final class BenchCluster implements AutoCloseable {
    private static final String ACCOUNT = "operator";
    private static final String GOOD = "127.20.0.20";
    private static final String BAD = "127.20.0.21";
    private static final Duration GONE = Duration.ofMinutes(3);
    private static final Map<String, String> ALONE = Map.of("TASKQUEUE_LEADER_ELECTION", "false");
    private static final String PADDING = "x".repeat(200);

    private final BenchOptions knobs;
    private final ControlPlane plane = ControlPlane.startOwn();
    private final String namespace = plane.newNamespace();
    private final String credentials;
    private final BenchWorker sink = new BenchWorker(GOOD, 200);
    private final BenchWorker failing = new BenchWorker(BAD, 503);
    private final BenchClient api;

    BenchCluster(BenchOptions knobs) {
        this.knobs = knobs;
        this.api = new BenchClient(plane.kubeconfig(), namespace, knobs.clients());
        // As in an installation, the operator has its own account, which is subject to the API server's throttling.
        plane.createServiceAccount(namespace, ACCOUNT);
        plane.kubectl(
                "create",
                "clusterrolebinding",
                ACCOUNT,
                "--clusterrole=cluster-admin",
                "--serviceaccount=" + namespace + ":" + ACCOUNT);
        credentials = plane.kubeconfig(namespace, ACCOUNT);
        service("sink", GOOD);
        service("failing", BAD);
    }

    BenchOptions knobs() {
        return knobs;
    }

    BenchClient api() {
        return api;
    }

    /** The worker behind Service {@code sink}, which answers 200. */
    BenchWorker sink() {
        return sink;
    }

    /** CPU seconds that kube-apiserver and etcd have used. */
    double controlPlaneCpu() {
        return CpuTime.of(plane.processIds());
    }

    TaskRequests requests() {
        return TaskRequests.in(plane.metrics());
    }

    /** Starts an operator as the leader, and waits until it is ready. */
    OperatorJvm operator() {
        return operator(ALONE);
    }

    /** Starts an operator as the leader with further settings, and waits until it is ready. */
    OperatorJvm operatorWith(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(ALONE);
        return operator(all);
    }

    /**
     * Starts an operator, and waits until it is ready.
     *
     * @param settings those of leader election, and perhaps others
     */
    OperatorJvm operator(Map<String, String> settings) {
        OperatorJvm operator = startOperator(settings);
        operator.awaitReady();
        return operator;
    }

    /** Starts an operator as the leader. It is not ready yet. */
    OperatorJvm startOperator() {
        return startOperator(ALONE);
    }

    private OperatorJvm startOperator(Map<String, String> given) {
        Map<String, String> settings = new HashMap<>(given);
        settings.put("TASKQUEUE_ALLOWED_TARGET_CIDRS", "127.20.0.0/16");
        return new OperatorJvm(knobs.jvm(), credentials, settings);
    }

    /** Creates a TaskQueue. Its spec is YAML in one line. */
    void queue(String name, String spec) {
        create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskQueue
                metadata: {name: %s}
                spec: %s
                """.formatted(name, spec));
    }

    /** Creates TaskQueues without a spec, in one request of kubectl. */
    void queues(String prefix, int count) {
        create(IntStream.range(0, count)
                .mapToObj(i -> "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: %s%d}, spec: {}}"
                        .formatted(prefix, i))
                .collect(Collectors.joining("\n---\n")));
    }

    /** Changes a TaskQueue by a merge patch. */
    void patchQueue(String name, String patch) {
        plane.kubectl("patch", "tq", name, "-n", namespace, "--type=merge", "-p", patch);
    }

    /** A TaskQueue as JSON. */
    String queue(String name) {
        return String.valueOf(
                plane.client().raw("/apis/taskqueue.dev/v1beta1/namespaces/" + namespace + "/taskqueues/" + name));
    }

    /** A Task of about 1 KB, including the fields that the API server adds. It is due now if no time is given. */
    static String task(String name, String queue, @Nullable Instant at) {
        return task(name, queue, at == null ? "" : "\"scheduleTime\":\"" + at + "\",", "");
    }

    /** The same, due now, with the header {@code traceparent}. */
    static String tracedTask(String name, String queue, String traceparent) {
        return task(name, queue, "", ",\"traceparent\":\"" + traceparent + "\"");
    }

    private static String task(String name, String queue, String schedule, String header) {
        return """
                {"apiVersion":"taskqueue.dev/v1beta1","kind":"Task","metadata":{"name":"%s"},"spec":{\
                "queueRef":{"name":"%s"},%s"httpRequest":{"serviceRef":{"name":"%s"},"path":"/tasks/invoice",\
                "headers":{"Content-Type":"application/json"%s},"body":"{\\"order\\":\\"%s\\",\\"note\\":\\"%s\\"}"}}}\
                """.formatted(
                        name, queue, schedule, queue.startsWith("failing") ? "failing" : "sink", header, name, PADDING);
    }

    /** Warms up the operator's JVM and its connections. The queue must exist. */
    void warmUp(String queue, int tasks) {
        sink.reset();
        api.forEach(tasks, i -> api.create(task("warm-" + queue + "-" + i, queue, null)));
        sink.await(tasks, Duration.ofMinutes(2));
        awaitNoTasks();
    }

    void awaitNoTasks() {
        Awaitility.await("all Tasks to be gone")
                .pollInterval(Duration.ofMillis(100))
                .pollDelay(Duration.ZERO)
                .atMost(GONE)
                .until(api::isEmpty);
    }

    private void service(String name, String address) {
        create("""
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s}
                spec: {clusterIP: %2$s, ports: [{name: http, port: %3$d}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %1$s-1, labels: {kubernetes.io/service-name: %1$s}}
                addressType: IPv4
                endpoints: [{addresses: [192.0.2.7], conditions: {ready: true}}]
                ports: [{name: http, port: 8080}]
                """.formatted(name, address, BenchWorker.port()));
    }

    private void create(String manifest) {
        plane.kubectlWithInput(manifest, "create", "-n", namespace, "-f", "-");
    }

    @Override
    public void close() {
        try {
            api.close();
            sink.close();
            failing.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            plane.close();
        }
    }
}
