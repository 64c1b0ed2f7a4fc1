package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksBlockingStub;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.ListQueuesRequest;
import com.google.cloud.tasks.v2.ListTasksRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An API server that dies while Tasks are created, and one that has forgotten where a list began. */
@Requires(Prerequisite.CONTROL_PLANE)
class OutageIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int CALLERS = 8;
    private static final String OBJECTS = """
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: orders, namespace: shop}
            ---
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: pages, namespace: shop}
            ---
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: payments, namespace: shop}
            """;

    private static RealCluster cluster;
    private static TestGateway gateway;
    private static CloudTasksBlockingStub admin;

    @BeforeAll
    static void start() {
        cluster = new RealCluster();
        cluster.apply(OBJECTS);
        gateway = new TestGateway(cluster.gatewayTransport(), TestGateway.rules(TestGateway.MAPPING));
        admin = gateway.tasks(cluster.tokenFor("shop", "admin", TestGateway.AUDIENCE));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        cluster.close();
    }

    private static String queue(String id) {
        return TestGateway.PARENT + "/queues/" + id;
    }

    /** Every second Task has a name. */
    private static CreateTaskRequest request(String queue, int number) {
        return CreateTaskRequest.newBuilder()
                .setParent(queue(queue))
                .setTask(Task.newBuilder()
                        .setName(number % 2 == 0 ? "" : queue(queue) + "/tasks/n-" + number)
                        .setHttpRequest(HttpRequest.newBuilder()
                                .setUrl("http://order-worker/")
                                .setBody(ByteString.copyFromUtf8("call-" + number))))
                .build();
    }

    @Test
    void anApiServerThatIsKilledInMidCreateCostsNoTaskAndMakesNoneTwice() throws Exception {
        Map<Integer, String> acknowledged = new ConcurrentHashMap<>();
        var numbers = new AtomicInteger();
        var stopped = new AtomicBoolean();
        try (var threads = Executors.newFixedThreadPool(CALLERS)) {
            for (int i = 0; i < CALLERS; i++) {
                threads.execute(() -> {
                    while (!stopped.get()) {
                        create(numbers.incrementAndGet(), acknowledged);
                    }
                });
            }
            try {
                awaitMore(acknowledged, 50);
                cluster.killApiServer();
                Awaitility.await().atMost(PATIENCE).until(() -> retries() >= CALLERS);
                cluster.startApiServer();
                cluster.awaitApiServer();
                awaitMore(acknowledged, 50);
            } finally {
                stopped.set(true);
            }
        }
        Map<String, Integer> created = new HashMap<>();
        for (JsonNode task : ObjectJson.MAPPER
                .readTree(cluster.kubectl(
                        "-n",
                        "shop",
                        "get",
                        "tasks.taskqueue.dev",
                        "--field-selector=spec.queueRef.name=orders",
                        "-o",
                        "json"))
                .path("items")) {
            created.merge(task.at("/spec/httpRequest/body").asText(), 1, Integer::sum);
        }
        assertThat(created.values()).as("Tasks of one call").containsOnly(1);
        assertThat(created.keySet())
                .containsAll(acknowledged.keySet().stream()
                        .map(number -> "call-" + number)
                        .toList());
        assertThat(acknowledged.values()).doesNotHaveDuplicates();
    }

    private static void create(int number, Map<Integer, String> acknowledged) {
        try {
            acknowledged.put(number, admin.createTask(request("orders", number)).getName());
        } catch (StatusRuntimeException refused) {
            assertThat(refused.getStatus().getCode())
                    .isIn(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED);
        }
    }

    private static void awaitMore(Map<Integer, String> acknowledged, int more) {
        int enough = acknowledged.size() + more;
        Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() >= enough);
    }

    private static double retries() throws IOException {
        var text = new ByteArrayOutputStream();
        gateway.server().meters().write(text);
        return text.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("taskqueue_gateway_api_retries_total "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ", -1)[1]))
                .sum();
    }

    @Test
    void pagesGoOnAfterTheApiServerHasForgottenTheirBeginning() throws Exception {
        for (int i = 0; i < 10; i++) {
            admin.createTask(request("pages", 2 * i + 1));
        }
        var first = admin.listTasks(ListTasksRequest.newBuilder()
                .setParent(queue("pages"))
                .setPageSize(4)
                .build());
        var queues = admin.listQueues(ListQueuesRequest.newBuilder()
                .setParent(TestGateway.PARENT)
                .setPageSize(1)
                .build());
        compactAndRestart();
        List<String> tasks =
                new ArrayList<>(first.getTasksList().stream().map(Task::getName).toList());
        String token = first.getNextPageToken();
        while (!token.isEmpty()) {
            var page = admin.listTasks(ListTasksRequest.newBuilder()
                    .setParent(queue("pages"))
                    .setPageSize(4)
                    .setPageToken(token)
                    .build());
            page.getTasksList().forEach(task -> tasks.add(task.getName()));
            token = page.getNextPageToken();
        }
        assertThat(tasks).hasSize(10).doesNotHaveDuplicates();
        assertThat(queues.getQueuesCount()).isEqualTo(1);
        assertThat(admin.listQueues(ListQueuesRequest.newBuilder()
                                .setParent(TestGateway.PARENT)
                                .setPageToken(queues.getNextPageToken())
                                .build())
                        .getQueuesCount())
                .isEqualTo(2);
    }

    /** etcd forgets old versions; the restart makes the API server forget them, too. */
    private static void compactAndRestart() throws Exception {
        String version = ObjectJson.MAPPER
                .readTree(cluster.kubectl("get", "--raw", "/api/v1/namespaces"))
                .at("/metadata/resourceVersion")
                .asText();
        try (HttpClient http = HttpClient.newHttpClient()) {
            var request = java.net.http.HttpRequest.newBuilder(URI.create(cluster.etcdUrl() + "/v3/kv/compaction"))
                    .POST(BodyPublishers.ofString("{\"revision\":\"" + version + "\",\"physical\":true}"))
                    .build();
            assertThat(http.send(request, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
        }
        cluster.killApiServer();
        cluster.startApiServer();
        cluster.awaitApiServer();
    }
}
