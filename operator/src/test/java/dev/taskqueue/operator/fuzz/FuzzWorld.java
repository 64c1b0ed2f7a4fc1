package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RevocableAccount;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The place where specs are tried: a namespace with Services, a Secret, a ConfigMap, a ServiceAccount and queues of every kind, a worker, and the
 * packaged operator with the rights of the chart.
 */
final class FuzzWorld implements AutoCloseable {
    /** Must be neither in the log, nor in a status, an event or a metric. */
    static final String SECRET = "canary-secret";

    /** Stands for the port of the worker in specs, because that one is another each time. */
    static final int PORT = 8080;

    /** The queues that are there from the start. Those that send at once get a Task and a TaskBatch of their own in each round. */
    static final List<String> RUNNING =
            List.of("orders", "target", "always", "once", "families", "letters", "neighbour");

    /** The names of objects by the end of the field that refers to them. */
    static final Map<String, List<String>> NAMES = Map.of(
            "spec.queueRef.name",
            List.of("orders", "orders", "orders", "target", "always", "once", "families", "paused", "held", "missing"),
            "deadLetter.queueRef.name",
            List.of("letters", "once", "missing"),
            "onFinished.queueRef.name",
            List.of("orders", "target", "paused", "missing"),
            "serviceRef.name",
            List.of(
                    "worker",
                    "worker",
                    "worker",
                    "worker",
                    "worker",
                    "two-ports",
                    "no-tls",
                    "empty",
                    "external",
                    "missing"),
            "KeyRef.name",
            List.of("sources", "sources", "sources", "missing"),
            "KeyRef.key",
            List.of("text", "empty", "odd", "large", "missing"),
            "serviceAccountName",
            List.of("caller", "caller", "missing"));

    private static final Map<String, String> QUEUES = Map.of(
            "orders", "",
            "target",
                    "httpTarget: {serviceRef: {name: worker}, path: /from-queue, headers: {X-Queue: a}, secretHeaders: [{name: X-Key, secretKeyRef: {name: sources, key: text}}]}",
            "always",
                    "httpTarget: {mode: Always, method: PUT, serviceRef: {name: worker, port: http}, headers: {Content-Type: text/plain}}",
            "once", "deadLetter: {queueRef: {name: letters}}, recordResponse: Failures",
            "families", "headerFamilies: [AppEngine, CloudTasks], recordResponse: Failures",
            "letters", "",
            "paused", "state: Paused",
            "held", "",
            "neighbour", "");

    private static final String SHORT =
            "dispatchDeadline: 10s, throttling: Disabled, retry: {maxAttempts: 2, minBackoff: 10ms, maxBackoff: 100ms}";

    final TestCluster cluster = new TestCluster();
    final FuzzWorker worker;
    final FuzzClient client;
    final OperatorProcess operator;
    private final int port;

    /** @param answers the worker's answer to a Task of this name */
    FuzzWorld(Function<String, RawAnswer> answers) {
        worker = new FuzzWorker(answers);
        client = new FuzzClient(cluster.plane().kubeconfig(), cluster.namespace());
        port = services();
        sources();
        QUEUES.forEach((name, spec) -> cluster.queue(name, "{" + SHORT + (spec.isEmpty() ? "" : ", " + spec) + "}"));
        client.patch("TaskQueue", "held", json("{metadata: {annotations: {taskqueue.dev/hold: Bob}}}"));
        operator = startOperator();
    }

    /** Creates the Services, and returns the port of the Service {@code worker}. */
    private int services() {
        String address = cluster.worker().address();
        int http = worker.listen(address);
        service("worker", address, "[{name: http, port: %d}]".formatted(http));
        String other = cluster.worker().address();
        service("two-ports", other, "[{name: http, port: %d}, {name: other, port: 1}]".formatted(worker.listen(other)));
        String plain = cluster.worker().address();
        service("no-tls", plain, "[{name: https, port: %d}]".formatted(worker.listen(plain)));
        cluster.service("empty", "''", "[{name: http, port: 8080}]");
        cluster.create(
                "{apiVersion: v1, kind: Service, metadata: {name: external}, spec: {type: ExternalName, externalName: example.com}}");
        return http;
    }

    /** Puts the port of the worker in the place of {@link #PORT}. */
    void setPort(JsonNode spec) {
        for (String request :
                List.of("/httpRequest", "/httpTarget", "/template/httpRequest", "/onFinished/httpRequest")) {
            JsonNode service = spec.at(request + "/serviceRef");
            if (service.path("port").isInt() && service.path("port").asInt() == PORT) {
                ((ObjectNode) service).put("port", port);
            }
        }
    }

    private void service(String name, String address, String ports) {
        cluster.service(name, address, ports);
        cluster.endpoint(name, true, ports);
    }

    private void sources() {
        String data = "{text: %s, empty: '', odd: \"%s\\0\\n\\u263a\", large: \"%s\"}"
                .formatted(SECRET, SECRET, SECRET.repeat(20_000));
        cluster.create("{apiVersion: v1, kind: Secret, metadata: {name: sources}, stringData: " + data + "}");
        cluster.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, data: " + data + "}");
        cluster.plane().createServiceAccount(cluster.namespace(), "caller");
    }

    /**
     * Starts an operator without leader election: a busy machine would lose the lease, and then an attempt may be sent again. It has an account of its
     * own, because requests of the cluster's account must never be denied, and here they may be.
     */
    private OperatorProcess startOperator() {
        RevocableAccount account = RevocableAccount.create(cluster);
        for (String role : List.of("taskqueue", "taskqueue-tokens", "taskqueue-sources")) {
            account.bind(cluster, role);
        }
        String kubeconfig = cluster.plane().kubeconfig(cluster.namespace(), account.name());
        var started = new OperatorProcess(kubeconfig, cluster.environment());
        started.awaitReady();
        return started;
    }

    /** A Task that any running queue delivers. */
    static ObjectNode plainTask(String name, String queue) {
        ObjectNode task = (ObjectNode)
                json(
                        "{apiVersion: taskqueue.dev/v1beta1, kind: Task, spec: {httpRequest: {serviceRef: {name: worker}, path: /plain}}}");
        task.putObject("metadata").put("name", name);
        ((ObjectNode) task.path("spec")).putObject("queueRef").put("name", queue);
        return task;
    }

    /** A TaskBatch that any running queue delivers. */
    static ObjectNode plainBatch(String name, String queue) {
        ObjectNode batch = (ObjectNode)
                json(
                        "{apiVersion: taskqueue.dev/v1beta1, kind: TaskBatch, spec: {count: 2, template: {httpRequest: {serviceRef: {name: worker}, path: /plain}}}}");
        batch.putObject("metadata").put("name", name);
        ((ObjectNode) batch.path("spec")).putObject("queueRef").put("name", queue);
        return batch;
    }

    /** Whether a queue is there from the start. */
    static boolean isPermanent(String queue) {
        return QUEUES.containsKey(queue);
    }

    static JsonNode json(String yaml) {
        try {
            return new com.fasterxml.jackson.dataformat.yaml.YAMLMapper().readTree(yaml);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        operator.close();
        client.close();
        worker.close();
        cluster.close();
    }
}
