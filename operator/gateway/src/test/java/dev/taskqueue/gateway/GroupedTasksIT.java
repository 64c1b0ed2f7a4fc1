package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksBlockingStub;
import com.google.cloud.tasks.v2.CreateQueueRequest;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.DeleteQueueRequest;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.RunTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.testing.GroupedTasks;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Unnamed tasks that become items of TaskBatches on a real API server, with the Roles and policies of the chart. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class GroupedTasksIT {
    private static final String ALL_QUEUES = TestGateway.MAPPING + "taskBatches: [{namespace: shop, queue: '*'}]\n";

    private static RealCluster cluster;
    private static TestGateway gateway;
    private static CloudTasksBlockingStub producer;
    private static CloudTasksBlockingStub admin;

    @BeforeAll
    static void start() {
        cluster = RealCluster.ofChart();
        gateway = new TestGateway(cluster.gatewayTransport(), TestGateway.rules(ALL_QUEUES));
        producer = as("producer");
        admin = as("admin");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        cluster.close();
    }

    private static CloudTasksBlockingStub as(String account) {
        return gateway.tasks(cluster.tokenFor("shop", account, TestGateway.AUDIENCE));
    }

    private static String name(String queue) {
        return TestGateway.PARENT + "/queues/" + queue;
    }

    private static void queue(String id) {
        admin.createQueue(CreateQueueRequest.newBuilder()
                .setParent(TestGateway.PARENT)
                .setQueue(Queue.newBuilder().setName(name(id)))
                .build());
    }

    private static CreateTaskRequest in(String queue, CreateTaskRequest request) {
        return request.toBuilder().setParent(name(queue)).build();
    }

    private static JsonNode batches(String queue) throws IOException {
        return ObjectJson.MAPPER
                .readTree(cluster.kubectl(
                        "-n",
                        "shop",
                        "get",
                        "taskbatches.taskqueue.dev",
                        "--field-selector=spec.queueRef.name=" + queue,
                        "-o",
                        "json"))
                .path("items");
    }

    private static Task full(String name) {
        return admin.getTask(GetTaskRequest.newBuilder()
                .setName(name)
                .setResponseView(Task.View.FULL)
                .build());
    }

    private static StatusRuntimeException refusal(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run);
    }

    @Test
    void callsOfAProducerWithTheRoleAloneBecomeItemsThatTheirNamesLeadBackTo() throws Exception {
        queue("imports");
        List<String> names;
        try (var threads = Executors.newFixedThreadPool(16)) {
            names = threads
                    .invokeAll(IntStream.range(0, 160)
                            .<Callable<String>>mapToObj(i -> () -> producer.createTask(GroupedTasks.request("row " + i))
                                    .getName())
                            .toList())
                    .stream()
                    .map(call -> call.resultNow())
                    .toList();
        }
        assertThat(new HashSet<>(names)).hasSize(160);
        JsonNode batches = batches("imports");
        int lines = 0;
        for (JsonNode batch : batches) {
            lines += (int) batch.at("/spec/lines").asText().lines().count();
        }
        assertThat(lines).isEqualTo(160);
        assertThat(batches.size()).isLessThan(160);
        assertThat(full(names.get(159)).getHttpRequest().getBody().toStringUtf8())
                .isEqualTo("row 159");
        assertThat(full(names.get(159)).getHttpRequest().getUrl()).isEqualTo(GroupedTasks.URL);
        assertThat(cluster.kubectl("-n", "shop", "get", "tasks.taskqueue.dev", "-o", "name"))
                .isEmpty();
    }

    @Test
    void theApiServerTakesEverythingThatAnItemMayHave() throws Exception {
        queue("most");
        String odd = "\"\\\u0001\u2028<>&\u00e4\ud83d\ude00\n\r\t";
        CreateTaskRequest text = GroupedTasks.request(
                odd.repeat(2_700),
                http -> IntStream.range(0, 15).forEach(i -> http.putHeaders("X-" + i, "\"".repeat(4_096))),
                task -> task.setScheduleTime(Timestamps.fromMillis(System.currentTimeMillis() + 3_600_000)));
        Task created = producer.createTask(in("most", text));
        assertThat(batches("most").size()).isEqualTo(1);
        Task read = full(created.getName());
        assertThat(read.getHttpRequest().getBody())
                .isEqualTo(text.getTask().getHttpRequest().getBody());
        assertThat(read.getScheduleTime()).isEqualTo(created.getScheduleTime());
        byte[] bytes = {0, 1, -1, 10, 13};
        Task binary = producer.createTask(
                in("most", GroupedTasks.request("", http -> http.setBody(ByteString.copyFrom(bytes)), task -> {})));
        assertThat(full(binary.getName()).getHttpRequest().getBody().toByteArray())
                .isEqualTo(bytes);
        Task large = producer.createTask(in("most", GroupedTasks.request("x".repeat(200_000))));
        assertThat(full(large.getName()).getHttpRequest().getBody().size()).isEqualTo(200_000);
        assertThat(batches("most").size()).isEqualTo(2);
    }

    @Test
    void refusalsArriveAsTheCallers() {
        queue("refusals");
        CreateTaskRequest request = in("refusals", GroupedTasks.request("row"));
        StatusRuntimeException denied = refusal(() -> as("stranger").createTask(request));
        assertThat(denied.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(denied.getStatus().getDescription())
                .contains("system:serviceaccount:shop:stranger")
                .contains("cannot create resource \"taskbatches\"");
        StatusRuntimeException asAnother = refusal(() -> producer.createTask(in("refusals", withToken("audience"))));
        assertThat(asAnother.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(asAnother.getStatus().getDescription())
                .contains("may not have requests sent as ServiceAccount task-dispatcher");
        StatusRuntimeException invalid =
                refusal(() -> producer.createTask(in("refusals", withToken("a".repeat(1_025)))));
        assertThat(invalid.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(invalid.getStatus().getDescription())
                .contains("Task.taskqueue.dev")
                .contains("audience");
    }

    private static CreateTaskRequest withToken(String audience) {
        return GroupedTasks.request(
                "row",
                http -> http.setOidcToken(OidcToken.newBuilder()
                        .setServiceAccountEmail("sa@demo.iam.gserviceaccount.com")
                        .setAudience(audience)),
                task -> {});
    }

    @Test
    void anItemIsRunAndGoesWithItsQueue() throws Exception {
        queue("goes");
        Task task = producer.createTask(in("goes", GroupedTasks.request("row")));
        assertThat(admin.runTask(RunTaskRequest.newBuilder()
                                .setName(task.getName())
                                .build())
                        .getName())
                .isEqualTo(task.getName());
        assertThat(batches("goes")
                        .get(0)
                        .path("metadata")
                        .path("annotations")
                        .path("taskqueue.dev/run-now")
                        .asText())
                .startsWith("0 ");
        assertThat(refusal(() -> producer.runTask(RunTaskRequest.newBuilder()
                                .setName(task.getName())
                                .build()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        admin.deleteQueue(DeleteQueueRequest.newBuilder().setName(name("goes")).build());
        assertThat(batches("goes").size()).isZero();
    }
}
