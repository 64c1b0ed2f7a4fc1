package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksBlockingStub;
import com.google.cloud.tasks.v2.CreateQueueRequest;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.DeleteQueueRequest;
import com.google.cloud.tasks.v2.DeleteTaskRequest;
import com.google.cloud.tasks.v2.GetQueueRequest;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.ListTasksRequest;
import com.google.cloud.tasks.v2.ListTasksResponse;
import com.google.cloud.tasks.v2.PauseQueueRequest;
import com.google.cloud.tasks.v2.PurgeQueueRequest;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.RateLimits;
import com.google.cloud.tasks.v2.ResumeQueueRequest;
import com.google.cloud.tasks.v2.RunTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.cloud.tasks.v2.UpdateQueueRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A gateway in front of a real API server, with the Roles of the chart, for producers that have nothing else. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class GatewayIT {
    private static RealCluster cluster;
    private static TestGateway gateway;
    private static CloudTasksBlockingStub producer;
    private static CloudTasksBlockingStub admin;

    @BeforeAll
    static void start() {
        cluster = RealCluster.ofChart();
        gateway = new TestGateway(cluster.gatewayTransport(), TestGateway.rules(TestGateway.MAPPING));
        producer = as("shop", "producer");
        admin = as("shop", "admin");
        queue("orders");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        cluster.close();
    }

    private static CloudTasksBlockingStub as(String namespace, String account) {
        return gateway.tasks(cluster.tokenFor(namespace, account, TestGateway.AUDIENCE));
    }

    private static String name(String queue) {
        return TestGateway.PARENT + "/queues/" + queue;
    }

    private static Queue queue(String id) {
        return admin.createQueue(CreateQueueRequest.newBuilder()
                .setParent(TestGateway.PARENT)
                .setQueue(Queue.newBuilder().setName(name(id)))
                .build());
    }

    private static CreateTaskRequest request(String queue, String id) {
        return CreateTaskRequest.newBuilder()
                .setParent(name(queue))
                .setTask(Task.newBuilder()
                        .setName(id.isEmpty() ? "" : name(queue) + "/tasks/" + id)
                        .setHttpRequest(HttpRequest.newBuilder()
                                .setUrl("http://order-worker.shop.svc:8080/tasks/invoice")
                                .putHeaders("Content-Type", "application/json")
                                .setBody(ByteString.copyFromUtf8("{\"orderId\":\"4711\"}"))))
                .build();
    }

    private static Status.Code code(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run)
                .getStatus()
                .getCode();
    }

    @Test
    void aProducerWithARoleAloneCreatesATaskAndNoSecondOneOfItsName() {
        Task created = producer.createTask(request("orders", "order_4711-invoice"));
        assertThat(created.getName()).isEqualTo(name("orders") + "/tasks/order_4711-invoice");
        assertThat(cluster.kubectl(
                        "-n", "shop", "get", "tasks.taskqueue.dev", "-o", "jsonpath={.items[*].metadata.annotations}"))
                .contains("order_4711-invoice");
        assertThat(code(() -> producer.createTask(request("orders", "order_4711-invoice"))))
                .isEqualTo(Status.Code.ALREADY_EXISTS);
    }

    @Test
    void anAccountWithoutARightIsDeniedInTheApiServersWords() {
        CloudTasksBlockingStub stranger = as("shop", "stranger");
        var failure =
                catchThrowableOfType(StatusRuntimeException.class, () -> stranger.createTask(request("orders", "")));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(failure.getStatus().getDescription())
                .contains("cannot create resource \"tasks\"")
                .contains("system:serviceaccount:shop:stranger");
        assertThat(code(() -> stranger.createTask(request("unheard-of", "")))).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(code(() -> producer.createTask(request("unheard-of", "")))).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void aTokenOfAnotherAudienceIsNoCredential() {
        String other = cluster.tokenFor("shop", "producer", RealCluster.API_AUDIENCE);
        assertThat(code(() -> gateway.tasks(other).createTask(request("orders", ""))))
                .isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void theGatewayActsAsNobodyButTheListedAccounts() {
        assertThat(code(() -> as("kube-system", "powerful").createTask(request("orders", ""))))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(code(() -> as("shop", "unlisted").createTask(request("orders", ""))))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
    }

    @Test
    void forgedHeadersOfImpersonationAreNotHeard() {
        String token = cluster.tokenFor("shop", "stranger", TestGateway.AUDIENCE);
        var answer = gateway.rest(
                "POST",
                "/v2/" + name("orders") + "/tasks",
                token,
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"}}}",
                "Impersonate-User",
                "system:serviceaccount:shop:admin",
                "Impersonate-Group",
                "system:masters");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("system:serviceaccount:shop:stranger");
    }

    @Test
    void sixteenEqualCreatesMakeOneTask() throws Exception {
        try (var threads = Executors.newFixedThreadPool(16)) {
            var results = threads.invokeAll(IntStream.range(0, 16)
                    .<java.util.concurrent.Callable<Status.Code>>mapToObj(i -> () -> {
                        try {
                            producer.createTask(request("orders", "same"));
                            return Status.Code.OK;
                        } catch (StatusRuntimeException refused) {
                            return refused.getStatus().getCode();
                        }
                    })
                    .toList());
            List<Status.Code> codes =
                    results.stream().map(result -> result.resultNow()).toList();
            assertThat(codes).filteredOn(code -> code == Status.Code.OK).hasSize(1);
            assertThat(codes)
                    .filteredOn(code -> code == Status.Code.ALREADY_EXISTS)
                    .hasSize(15);
        }
    }

    @Test
    void tasksAreReadListedRunAndDeleted() {
        queue("reads");
        for (int i = 0; i < 5; i++) {
            producer.createTask(request("reads", "t-" + i));
        }
        Task full = admin.getTask(GetTaskRequest.newBuilder()
                .setName(name("reads") + "/tasks/t-1")
                .setResponseView(Task.View.FULL)
                .build());
        assertThat(full.getHttpRequest().getBody().toStringUtf8()).contains("4711");
        ListTasksResponse first = admin.listTasks(ListTasksRequest.newBuilder()
                .setParent(name("reads"))
                .setPageSize(3)
                .build());
        assertThat(first.getTasksList()).hasSize(3);
        ListTasksResponse second = admin.listTasks(ListTasksRequest.newBuilder()
                .setParent(name("reads"))
                .setPageSize(3)
                .setPageToken(first.getNextPageToken())
                .build());
        assertThat(second.getTasksList()).hasSize(2);
        assertThat(second.getNextPageToken()).isEmpty();
        admin.runTask(RunTaskRequest.newBuilder()
                .setName(name("reads") + "/tasks/t-1")
                .build());
        assertThat(cluster.kubectl(
                        "-n", "shop", "get", "tasks.taskqueue.dev", "-o", "jsonpath={.items[*].metadata.annotations}"))
                .contains("taskqueue.dev/run-now");
        admin.deleteTask(DeleteTaskRequest.newBuilder()
                .setName(name("reads") + "/tasks/t-1")
                .build());
        assertThat(code(() -> admin.getTask(GetTaskRequest.newBuilder()
                        .setName(name("reads") + "/tasks/t-1")
                        .build())))
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(() -> producer.getTask(GetTaskRequest.newBuilder()
                        .setName(name("reads") + "/tasks/t-2")
                        .build())))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
    }

    @Test
    void queuesAreChangedPausedResumedPurgedAndDeleted() {
        assertThat(queue("Changes").getName()).isEqualTo(name("Changes"));
        assertThat(code(() -> queue("changes"))).isEqualTo(Status.Code.ALREADY_EXISTS);
        Queue updated = admin.updateQueue(UpdateQueueRequest.newBuilder()
                .setQueue(Queue.newBuilder()
                        .setName(name("changes"))
                        .setRateLimits(RateLimits.newBuilder()
                                .setMaxDispatchesPerSecond(0.5)
                                .setMaxConcurrentDispatches(3)))
                .setUpdateMask(FieldMask.newBuilder().addPaths("rate_limits.max_dispatches_per_second"))
                .build());
        assertThat(updated.getRateLimits().getMaxDispatchesPerSecond()).isEqualTo(0.5);
        assertThat(updated.getRateLimits().getMaxConcurrentDispatches()).isEqualTo(1_000);
        assertThat(admin.pauseQueue(PauseQueueRequest.newBuilder()
                                .setName(name("changes"))
                                .build())
                        .getState())
                .isEqualTo(Queue.State.PAUSED);
        assertThat(admin.resumeQueue(ResumeQueueRequest.newBuilder()
                                .setName(name("changes"))
                                .build())
                        .getState())
                .isEqualTo(Queue.State.RUNNING);
        producer.createTask(request("changes", "goes"));
        assertThat(admin.purgeQueue(PurgeQueueRequest.newBuilder()
                                .setName(name("changes"))
                                .build())
                        .hasPurgeTime())
                .isTrue();
        assertThat(cluster.kubectl("-n", "shop", "get", "taskqueue", "changes", "-o", "jsonpath={.spec.purgeBefore}"))
                .isNotEmpty();
        admin.deleteQueue(
                DeleteQueueRequest.newBuilder().setName(name("changes")).build());
        assertThat(code(() -> admin.getQueue(
                        GetQueueRequest.newBuilder().setName(name("changes")).build())))
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(cluster.kubectl(
                        "-n",
                        "shop",
                        "get",
                        "tasks.taskqueue.dev",
                        "--field-selector=spec.queueRef.name=changes",
                        "-o",
                        "name"))
                .isEmpty();
        assertThat(code(() -> producer.createTask(request("changes", "")))).isEqualTo(Status.Code.NOT_FOUND);
    }
}
