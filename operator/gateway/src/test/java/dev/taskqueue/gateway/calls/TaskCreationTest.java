package dev.taskqueue.gateway.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.AccessReviews;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.QueueCache;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.TaskLimits;
import dev.taskqueue.gateway.mapping.TaskObjectWriter;
import dev.taskqueue.gateway.ops.GatewayMeters;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Creating a Task while the connection breaks, and what a taken name means. */
class TaskCreationTest {
    private static final String USER = "system:serviceaccount:shop:producer";
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";

    private final MemoryCluster cluster = new MemoryCluster();
    private final TaskCreation creation = creation();

    private TaskCreation creation() {
        var client = new ClusterClient(cluster, 8, new GatewayMeters("test"));
        var resolver = new NamespaceResolver(
                () -> RULES,
                Set.of(),
                rules -> new TaskObjectWriter(
                        rules, new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)), (n, s) -> false, n -> {}));
        return new TaskCreation(
                client,
                new TaskGroups(client, InstantSource.system(), Runnable::run, 8, new GatewayMeters("test")),
                new QueueCache(client),
                new AccessReviews(client),
                resolver,
                InstantSource.system());
    }

    private static final dev.taskqueue.gateway.mapping.MappingRules RULES = TestGateway.rules(TestGateway.MAPPING);

    @BeforeEach
    void aQueue() {
        cluster.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
    }

    private Task create(String id) {
        return creation.create(
                CallContext.within(new Caller(USER, List.of()), Duration.ofSeconds(20)),
                CreateTaskRequest.newBuilder()
                        .setParent(QUEUE)
                        .setTask(Task.newBuilder()
                                .setName(id.isEmpty() ? "" : QUEUE + "/tasks/" + id)
                                .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/")))
                        .build());
    }

    private int tasks() {
        return cluster.all("shop", "tasks").size();
    }

    @Test
    void aLostRequestIsSentAgain() {
        cluster.fail(MemoryCluster.Fault.LOST_REQUEST, MemoryCluster.Fault.LOST_REQUEST);
        assertThat(create("once").getName()).endsWith("/tasks/once");
        assertThat(tasks()).isEqualTo(1);
    }

    @Test
    void aLostAnswerIsNotTakenForSomebodyElsesTask() {
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER);
        assertThat(create("once").getName()).endsWith("/tasks/once");
        assertThat(tasks()).isEqualTo(1);
    }

    @Test
    void anApiServerThatHasJustStartedSaysNothingAboutWhatMayBeDone() {
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER, MemoryCluster.Fault.STARTING);
        assertThat(create("once").getName()).endsWith("/tasks/once");
        assertThat(tasks()).isEqualTo(1);
    }

    @Test
    void aNameThatIsTakenIsSaidWithoutAReadOfTheTask() {
        create("twice");
        cluster.requests.clear();
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> create("twice"))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(Code.ALREADY_EXISTS));
        assertThat(cluster.requests)
                .filteredOn(request -> request.path().contains("/tasks"))
                .hasSize(1);
    }

    @Test
    void aCallerThatMayNotReadItsRepeatedTaskGetsItAnyway() {
        cluster.deny(USER, "get tasks");
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER);
        assertThat(create("").getCreateTime().getSeconds()).isPositive();
        assertThat(tasks()).isEqualTo(1);
    }

    @Test
    void aTaskThatWasDeliveredAndDeletedBeforeTheRepeatIsNotCreatedAgain() {
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER, MemoryCluster.Fault.DELIVERED);
        assertThat(create("").getCreateTime().getSeconds()).isPositive();
        assertThat(tasks()).isZero();
    }

    private RpcFailure refusal(String queue, Task.Builder task) {
        return catchThrowableOfType(
                RpcFailure.class,
                () -> creation.create(
                        CallContext.within(new Caller(USER, List.of()), Duration.ofSeconds(20)),
                        CreateTaskRequest.newBuilder()
                                .setParent(TestGateway.PARENT + "/queues/" + queue)
                                .setTask(task)
                                .build()));
    }

    /** Neither the code nor the sentence tells it, and no task that is wrong for queues that are there. */
    @Test
    void nobodyLearnsOfQueuesByAsking() {
        cluster.deny(USER, "create tasks");
        Task.Builder plain =
                Task.newBuilder().setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/"));
        RpcFailure expected = refusal("secret", plain);
        assertThat(expected.code()).isEqualTo(Code.PERMISSION_DENIED);
        for (Task.Builder task : List.of(
                plain,
                Task.newBuilder(),
                Task.newBuilder().setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker.elsewhere.svc/")),
                Task.newBuilder().setAppEngineHttpRequest(AppEngineHttpRequest.newBuilder()))) {
            assertThat(refusal("orders", task).code()).isEqualTo(Code.PERMISSION_DENIED);
            assertThat(refusal("orders", task).sentence()).isEqualTo(expected.sentence());
        }
        assertThat(tasks()).isZero();
    }
}
