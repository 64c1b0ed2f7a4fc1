package dev.taskqueue.gateway.calls;

import static dev.taskqueue.gateway.testing.GroupedTasks.batches;
import static dev.taskqueue.gateway.testing.GroupedTasks.lines;
import static dev.taskqueue.gateway.testing.GroupedTasks.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.util.Durations;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.AccessReviews;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.cluster.QueueCache;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.mapping.TaskLimits;
import dev.taskqueue.gateway.mapping.TaskObjectWriter;
import dev.taskqueue.gateway.ops.GatewayMeters;
import dev.taskqueue.gateway.testing.GroupedTasks;
import dev.taskqueue.gateway.testing.HeldBatches;
import dev.taskqueue.gateway.testing.MemoryCluster;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that gather while a TaskBatch is written. */
class TaskGroupsTest {
    private static final Caller CALLER = new Caller("system:serviceaccount:shop:producer", List.of());
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MemoryCluster cluster = new MemoryCluster();
    private final HeldBatches held = new HeldBatches(cluster);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ClusterClient client = new ClusterClient(held, 8, new GatewayMeters("test"));
    private TaskGroups groups = groups(8);

    @BeforeEach
    void queues() {
        cluster.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"imports\"},\"spec\":{}}");
        cluster.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
    }

    @AfterEach
    void stop() {
        held.let(1_000);
        threads.close();
    }

    private TaskGroups groups(int maxWrites) {
        return new TaskGroups(client, InstantSource.system(), threads, maxWrites, new GatewayMeters("test"));
    }

    private Task create(CallContext call, CreateTaskRequest request) {
        var resolver = new NamespaceResolver(
                () -> GroupedTasks.RULES,
                Set.of(),
                rules -> new TaskObjectWriter(
                        rules, new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)), (n, s) -> false, n -> {}));
        return new TaskCreation(
                        client,
                        groups,
                        new QueueCache(client),
                        new AccessReviews(client),
                        resolver,
                        InstantSource.system())
                .create(call, request);
    }

    private CompletableFuture<Task> start(CallContext call, CreateTaskRequest request) {
        return CompletableFuture.supplyAsync(() -> create(call, request), threads);
    }

    private CompletableFuture<Task> start(String body) {
        return start(CallContext.within(CALLER, PATIENCE), request(body));
    }

    /** Starts calls while a write is held, and returns when they wait. */
    private List<CompletableFuture<Task>> gather(int count) {
        List<CompletableFuture<Task>> calls =
                IntStream.range(0, count).mapToObj(i -> start("row " + i)).toList();
        await().atMost(PATIENCE).until(() -> groups.waiting() == count);
        return calls;
    }

    private static RpcFailure failure(CompletableFuture<Task> call) {
        await().atMost(PATIENCE).until(call::isDone);
        return (RpcFailure) call.exceptionNow();
    }

    private static String id(Task task) {
        return task.getName().substring(task.getName().lastIndexOf('/') + 1);
    }

    @Test
    void theFirstCallOfAnIdleGroupIsWrittenAtOnce() {
        held.let(1);
        Task task = start("row").join();
        ObjectNode batch = batches(cluster).getFirst();
        assertThat(id(task))
                .isEqualTo(batch.at("/metadata/name").asText() + "-0")
                .matches("imports-[0-9]{16}-0");
        assertThat(task.getHttpRequest().getUrl()).isEqualTo(GroupedTasks.URL);
        assertThat(task.getCreateTime().getSeconds()).isPositive();
        assertThat(lines(batch)).hasSize(1).first().asString().contains("\"body\":\"row\"");
        assertThat(cluster.all("shop", "tasks")).isEmpty();
        assertThat(cluster.requests)
                .filteredOn(request -> request.path().contains("/taskbatches"))
                .hasSize(1)
                .allSatisfy(request -> assertThat(request.user()).isEqualTo(CALLER.user()));
    }

    @Test
    void whatComesWhileAWriteIsInFlightIsWrittenTogetherAndAnsweredAfterwards() {
        CompletableFuture<Task> first = start("first");
        held.awaitOne();
        List<CompletableFuture<Task>> others = gather(5);
        assertThat(first).isNotDone();
        held.let(1);
        first.join();
        held.awaitOne();
        assertThat(others).noneMatch(CompletableFuture::isDone);
        held.let(1);
        var bodies = new ArrayList<String>();
        for (CompletableFuture<Task> other : others) {
            String id = id(other.join());
            ObjectNode batch =
                    Objects.requireNonNull(cluster.get("shop", "taskbatches", id.substring(0, id.lastIndexOf('-'))));
            bodies.add(lines(batch).get(Integer.parseInt(id.substring(id.lastIndexOf('-') + 1))));
        }
        assertThat(batches(cluster)).extracting(batch -> lines(batch).size()).containsExactlyInAnyOrder(1, 5);
        for (int i = 0; i < 5; i++) {
            assertThat(bodies.get(i)).contains("row " + i);
        }
    }

    @Test
    void callersAndTemplatesNeverShareABatch() {
        var other = new Caller("system:serviceaccount:shop:other", List.of());
        List<CompletableFuture<Task>> calls = List.of(
                start("a"),
                start(CallContext.within(other, PATIENCE), request("b")),
                start(
                        CallContext.within(CALLER, PATIENCE),
                        request("c", http -> {}, task -> task.setDispatchDeadline(Durations.fromSeconds(60)))),
                start(
                        CallContext.within(CALLER, PATIENCE),
                        request("d", http -> http.setUrl("http://other-worker/"), task -> {})));
        for (int i = 0; i < calls.size(); i++) {
            held.awaitOne();
        }
        held.let(4);
        calls.forEach(CompletableFuture::join);
        assertThat(batches(cluster)).hasSize(4);
        assertThat(cluster.requests)
                .filteredOn(request -> request.path().contains("/taskbatches"))
                .filteredOn(request -> String.valueOf(request.user()).equals(other.user()))
                .hasSize(1);
    }

    @Test
    void aRefusalReachesEveryCall() {
        cluster.deny(String.valueOf(CALLER.user()), "create taskbatches");
        CompletableFuture<Task> first = start("first");
        held.awaitOne();
        List<CompletableFuture<Task>> others = gather(3);
        held.let(2);
        for (CompletableFuture<Task> call : others) {
            assertThat(failure(call).code()).isEqualTo(Code.PERMISSION_DENIED);
            assertThat(failure(call).sentence()).isEqualTo(failure(first).sentence());
        }
        assertThat(cluster.all("shop", "tasks")).isEmpty();
    }

    @Test
    void theCallsOfAnInvalidBatchAreTasksOfTheirOwn() {
        held.refuse(new ClusterReply(422, ObjectJson.object().put("message", "no"), Optional.empty(), 0));
        CompletableFuture<Task> first = start("first");
        held.awaitOne();
        List<CompletableFuture<Task>> others = gather(3);
        held.let(2);
        first.join();
        others.forEach(CompletableFuture::join);
        assertThat(cluster.all("shop", "tasks")).hasSize(4);
    }

    @Test
    void aLostAnswerMakesNoSecondBatch() {
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER);
        held.let(2);
        Task task = start("row").join();
        assertThat(batches(cluster)).hasSize(1);
        assertThat(id(task))
                .isEqualTo(batches(cluster).getFirst().at("/metadata/name").asText() + "-0");
    }

    @Test
    void aCallWhoseDeadlinePassesWhileItWaitsLeavesTheGroup() {
        CompletableFuture<Task> first = start("first");
        held.awaitOne();
        CompletableFuture<Task> late = start(CallContext.within(CALLER, Duration.ofMillis(20)), request("late"));
        assertThat(failure(late).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(groups.waiting()).isZero();
        held.let(2);
        first.join();
        assertThat(batches(cluster)).hasSize(1);
    }

    @Test
    void aCallThatIsCancelledWhileItWaitsIsNotWritten() {
        var cancelled = new AtomicBoolean();
        CompletableFuture<Task> first = start("first");
        held.awaitOne();
        CompletableFuture<Task> gone = start(CallContext.within(CALLER, PATIENCE, cancelled::get), request("gone"));
        await().atMost(PATIENCE).until(() -> groups.waiting() == 1);
        cancelled.set(true);
        held.let(2);
        assertThat(failure(gone).code()).isEqualTo(Code.CANCELLED);
        first.join();
        assertThat(batches(cluster)).hasSize(1);
    }

    @Test
    void aCallWhoseDeadlinePassesInTheWriteStaysInIt() {
        CompletableFuture<Task> late = start(CallContext.within(CALLER, Duration.ofSeconds(1)), request("late"));
        held.awaitOne();
        CompletableFuture<Task> patient = gather(1).getFirst();
        assertThat(failure(late).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
        held.let(2);
        patient.join();
        assertThat(batches(cluster)).hasSize(2);
    }

    @Test
    void aFullBatchDoesNotWaitForTheWriteBeforeIt() {
        groups = groups(64);
        CompletableFuture<Task> first = start("first");
        held.awaitOne();
        List<CompletableFuture<Task>> others =
                IntStream.range(0, 1_003).mapToObj(i -> start("row " + i)).toList();
        held.awaitOne();
        await().atMost(PATIENCE).until(() -> groups.waiting() == 3);
        held.let(3);
        first.join();
        others.forEach(CompletableFuture::join);
        assertThat(batches(cluster)).extracting(batch -> lines(batch).size()).containsExactlyInAnyOrder(1, 1_000, 3);
    }

    @Test
    void aBatchHasNoMoreCharactersThanTheApiServerTakes() {
        CompletableFuture<Task> first = start("first");
        held.awaitOne();
        String body = "x".repeat(65_000);
        List<CompletableFuture<Task>> others =
                IntStream.range(0, 13).mapToObj(i -> start(body)).toList();
        held.awaitOne();
        await().atMost(PATIENCE).until(() -> groups.waiting() == 1);
        held.let(3);
        first.join();
        others.forEach(CompletableFuture::join);
        assertThat(batches(cluster))
                .allSatisfy(batch ->
                        assertThat(batch.at("/spec/lines").asText().length()).isLessThan(786_433));
    }

    @Test
    void callsThatWaitTakeNoMoreMemoryThanSoManyWrites() {
        groups = groups(1);
        List<CompletableFuture<Task>> calls = new ArrayList<>();
        calls.add(start("first"));
        held.awaitOne();
        String body = "x".repeat(60_000);
        IntStream.range(0, 4).forEach(i -> calls.add(start(body)));
        await().atMost(PATIENCE).until(() -> groups.waiting() == 4);
        CompletableFuture<Task> tooMany = start(CallContext.within(CALLER, Duration.ofMillis(100)), request(body));
        assertThat(failure(tooMany).code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        held.let(2);
        calls.forEach(CompletableFuture::join);
        held.let(1);
        start(body).join();
    }

    @Test
    void manyCallsAtOnceAreAnsweredOnceEachWithNamesOfTheirOwn() {
        held.let(1_000);
        List<CompletableFuture<Task>> calls =
                IntStream.range(0, 16 * 50).mapToObj(i -> start("row " + i)).toList();
        var names = new HashSet<String>();
        calls.forEach(call -> names.add(call.join().getName()));
        assertThat(names).hasSize(calls.size());
        assertThat(batches(cluster).stream()
                        .mapToInt(batch -> lines(batch).size())
                        .sum())
                .isEqualTo(calls.size());
    }

    @Test
    void namedTasksAndThoseOfOtherQueuesStayTasks() {
        create(
                CallContext.within(CALLER, PATIENCE),
                request("row", http -> {}, task -> task.setName(GroupedTasks.QUEUE + "/tasks/named")));
        create(
                CallContext.within(CALLER, PATIENCE),
                request("row").toBuilder()
                        .setParent(GroupedTasks.QUEUE.replace("imports", "orders"))
                        .build());
        assertThat(cluster.all("shop", "tasks")).hasSize(2);
        assertThat(batches(cluster)).isEmpty();
    }

    @Test
    void aTaskThatAnItemCannotCarryStaysATask() {
        create(CallContext.within(CALLER, PATIENCE), request("x".repeat(65_537)));
        assertThat(cluster.all("shop", "tasks")).hasSize(1);
        assertThat(batches(cluster)).isEmpty();
    }
}
