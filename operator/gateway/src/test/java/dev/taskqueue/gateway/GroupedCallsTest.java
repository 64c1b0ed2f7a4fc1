package dev.taskqueue.gateway;

import static dev.taskqueue.gateway.testing.GroupedTasks.batches;
import static dev.taskqueue.gateway.testing.GroupedTasks.lines;
import static dev.taskqueue.gateway.testing.GroupedTasks.request;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.CloudTasksGrpc;
import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksFutureStub;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.common.util.concurrent.ListenableFuture;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.cluster.ClusterRequest;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.testing.GroupedTasks;
import dev.taskqueue.gateway.testing.HeldBatches;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls over gRPC whose tasks are written together: clients that go away, refusals, many callers at once, and a gateway that stops. */
class GroupedCallsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String ALL_QUEUES = TestGateway.MAPPING + "taskBatches: [{namespace: shop, queue: '*'}]\n";
    private static final List<String> ACCOUNTS = List.of("producer", "other", "third");
    private static final List<String> QUEUES = List.of("imports", "orders");

    private final MemoryCluster cluster = new MemoryCluster();
    private final HeldBatches held = new HeldBatches(cluster);
    private final TestGateway gateway = gateway();

    private TestGateway gateway() {
        var rules = TestGateway.rules(ALL_QUEUES);
        return new TestGateway(held, () -> rules, TestGateway.settings(PATIENCE, PATIENCE, PATIENCE));
    }

    @BeforeEach
    void accountsAndQueues() {
        ACCOUNTS.forEach(account -> cluster.token(account, user(account), TestGateway.AUDIENCE));
        QUEUES.forEach(
                queue -> cluster.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"" + queue + "\"},\"spec\":{}}"));
    }

    @AfterEach
    void stop() {
        held.let(10_000);
        gateway.close();
    }

    private static String user(String account) {
        return "system:serviceaccount:shop:" + account;
    }

    private CloudTasksFutureStub as(String account) {
        return CloudTasksGrpc.newFutureStub(gateway.tasks(account).getChannel());
    }

    private ListenableFuture<Task> start(String body) {
        return as("producer").createTask(request(body));
    }

    private void awaitGathered(int calls) {
        await().atMost(PATIENCE).until(() -> gateway.server().gathered() == calls);
    }

    /** The first call, whose write is held, and others that gather meanwhile. */
    private List<ListenableFuture<Task>> gather(String... bodies) {
        var calls = new ArrayList<ListenableFuture<Task>>();
        calls.add(start("first"));
        held.awaitOne();
        for (String body : bodies) {
            calls.add(start(body));
            awaitGathered(calls.size() - 1);
        }
        return calls;
    }

    private static Task answer(ListenableFuture<Task> call) throws Exception {
        return call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static Status failure(ListenableFuture<Task> call) {
        var failed = requireNonNull(catchThrowableOfType(ExecutionException.class, () -> answer(call)));
        return Status.fromThrowable(failed);
    }

    /** The bodies of all items, in the order of their batches. */
    private List<String> bodies() {
        return batches(cluster).stream()
                .flatMap(batch -> lines(batch).stream())
                .map(GroupedCallsTest::body)
                .toList();
    }

    private static String body(String line) {
        try {
            return ObjectJson.MAPPER.readTree(line).path("body").asText();
        } catch (java.io.IOException noJson) {
            throw new java.io.UncheckedIOException(noJson);
        }
    }

    /** The item that the answer names. */
    private String item(Task answer) {
        String id = answer.getName().substring(answer.getName().lastIndexOf('/') + 1);
        int end = id.lastIndexOf('-');
        ObjectNode batch = requireNonNull(cluster.get("shop", "taskbatches", id.substring(0, end)));
        return body(lines(batch).get(Integer.parseInt(id.substring(end + 1))));
    }

    @Test
    void aClientThatGoesAwayWhileItsCallWaitsCreatesNothingAndHurtsNobody() throws Exception {
        List<ListenableFuture<Task>> calls = gather("a", "gone", "b");
        calls.get(2).cancel(true);
        awaitGathered(2);
        held.let(2);
        assertThat(item(answer(calls.get(0)))).isEqualTo("first");
        assertThat(item(answer(calls.get(1)))).isEqualTo("a");
        assertThat(item(answer(calls.get(3)))).isEqualTo("b");
        assertThat(bodies()).containsExactlyInAnyOrder("first", "a", "b");
    }

    @Test
    void aClientThatGoesAwayInTheWriteHasItsTaskOnceAndTheOthersTheirs() throws Exception {
        ListenableFuture<Task> first = start("first");
        held.awaitOne();
        first.cancel(true);
        ListenableFuture<Task> next = start("next");
        awaitGathered(1);
        held.let(2);
        assertThat(item(answer(next))).isEqualTo("next");
        assertThat(bodies()).containsExactlyInAnyOrder("first", "next");
    }

    @Test
    void aDeadlineThatPassesWhileACallWaitsCreatesNothingAndHurtsNobody() throws Exception {
        List<ListenableFuture<Task>> calls = gather("a");
        ListenableFuture<Task> late =
                as("producer").withDeadlineAfter(500, TimeUnit.MILLISECONDS).createTask(request("late"));
        assertThat(failure(late).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        awaitGathered(1);
        held.let(2);
        assertThat(item(answer(calls.get(0)))).isEqualTo("first");
        assertThat(item(answer(calls.get(1)))).isEqualTo("a");
        assertThat(bodies()).containsExactlyInAnyOrder("first", "a");
    }

    /** The write lasts as long as the most patient of its calls. */
    @Test
    void aDeadlineThatPassesInTheWriteCutsNobodyOff() throws Exception {
        ListenableFuture<Task> first = start("first");
        held.awaitOne();
        ListenableFuture<Task> late =
                as("producer").withDeadlineAfter(2, TimeUnit.SECONDS).createTask(request("late"));
        ListenableFuture<Task> patient = start("patient");
        awaitGathered(2);
        held.let(1);
        answer(first);
        held.awaitOne();
        assertThat(failure(late).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        held.let(1);
        assertThat(item(answer(patient))).isEqualTo("patient");
        assertThat(bodies()).containsExactlyInAnyOrder("first", "late", "patient");
    }

    @Test
    void manyCallersAndQueuesAtOnceNeverShareABatch() throws Exception {
        held.let(10_000);
        var calls = new ArrayList<ListenableFuture<Task>>();
        for (int i = 0; i < 60; i++) {
            for (String account : ACCOUNTS) {
                for (String queue : QUEUES) {
                    CreateTaskRequest call = request(user(account) + " " + queue + " " + i).toBuilder()
                            .setParent(TestGateway.PARENT + "/queues/" + queue)
                            .build();
                    calls.add(as(account).createTask(call));
                }
            }
        }
        var names = new HashSet<String>();
        for (ListenableFuture<Task> call : calls) {
            Task task = answer(call);
            names.add(task.getName());
            assertThat(item(task)).contains(task.getName().split("/", -1)[5]);
        }
        assertThat(names).hasSize(calls.size());
        assertThat(new HashSet<>(bodies())).hasSize(calls.size());
        List<ClusterRequest> writes = cluster.requests.stream()
                .filter(request -> request.path().contains("/taskbatches"))
                .toList();
        assertThat(writes).hasSameSizeAs(batches(cluster)).allSatisfy(write -> {
            JsonNode spec = requireNonNull(write.body()).path("spec");
            String owner =
                    write.user() + " " + spec.path("queueRef").path("name").asText() + " ";
            assertThat(spec.path("lines").asText().lines().map(GroupedCallsTest::body))
                    .allSatisfy(body -> assertThat(body).startsWith(owner));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "403, 'tasks.taskqueue.dev is forbidden', PERMISSION_DENIED, is forbidden",
        "403, 'exceeded quota: batches', RESOURCE_EXHAUSTED, exceeded quota",
        "404, 'no such kind', FAILED_PRECONDITION, CRDs",
        "409, Conflict, ABORTED, try again",
        "429, slower, RESOURCE_EXHAUSTED, too many requests"
    })
    void aRefusalIsToldToEachCallAndCreatesNothing(int code, String message, Status.Code expected, String sentence)
            throws Exception {
        held.refuse(new ClusterReply(
                code, ObjectJson.object().put("message", message).put("reason", message), Optional.empty(), 0));
        List<ListenableFuture<Task>> calls = gather("a", "b");
        held.let(100);
        for (ListenableFuture<Task> call : calls) {
            assertThat(failure(call).getCode()).isEqualTo(expected);
            assertThat(failure(call).getDescription()).contains(sentence);
        }
        assertThat(batches(cluster)).isEmpty();
        assertThat(cluster.all("shop", "tasks")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"400", "413", "422"})
    void anInvalidBatchBecomesOneTaskForEachCall(int code) throws Exception {
        held.refuse(new ClusterReply(code, ObjectJson.object().put("message", "no"), Optional.empty(), 0));
        List<ListenableFuture<Task>> calls = gather("a", "b");
        held.let(100);
        var names = new HashSet<String>();
        for (ListenableFuture<Task> call : calls) {
            names.add(answer(call).getName());
        }
        assertThat(names).hasSize(3);
        assertThat(cluster.all("shop", "tasks"))
                .extracting(task -> task.at("/spec/httpRequest/body").asText())
                .containsExactlyInAnyOrder("first", "a", "b");
        assertThat(batches(cluster)).isEmpty();
    }

    @Test
    void anApiServerThatFailsIsToldToEachCallWithoutASecondBatch() {
        held.refuse(new ClusterReply(500, ObjectJson.object().put("message", "disk full"), Optional.empty(), 0));
        held.let(1_000);
        ListenableFuture<Task> call =
                as("producer").withDeadlineAfter(2, TimeUnit.SECONDS).createTask(request("row"));
        assertThat(failure(call).getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED);
        assertThat(batches(cluster)).isEmpty();
    }

    @Test
    void anAnswerThatIsLostAndAQuotaThatChangesMakeNoSecondBatch() throws Exception {
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER, MemoryCluster.Fault.CONFLICT);
        held.let(100);
        assertThat(item(answer(start("row")))).isEqualTo("row");
        assertThat(bodies()).containsExactly("row");
    }

    /** Neither the sentence nor the code of a queue that is there differs from that of another one. */
    @Test
    void nobodyLearnsOfQueuesByAsking() {
        cluster.deny(user("other"), "create tasks");
        cluster.deny(user("other"), "create taskbatches");
        held.let(100);
        CreateTaskRequest there = request("row");
        CreateTaskRequest missing = there.toBuilder()
                .setParent(GroupedTasks.QUEUE.replace("imports", "secret"))
                .build();
        Status refusal = failure(as("other").createTask(missing));
        assertThat(refusal.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(failure(as("other").createTask(there)).getDescription()).isEqualTo(refusal.getDescription());
        assertThat(failure(as("other")
                                .createTask(request("row", http -> http.setUrl("http://w.elsewhere.svc/"), task -> {})))
                        .getDescription())
                .isEqualTo(refusal.getDescription());
    }

    @Test
    void aGatewayThatStopsAnswersTheCallsThatItHas() throws Exception {
        List<ListenableFuture<Task>> calls = gather("a", "b");
        var stopped = CompletableFuture.runAsync(() -> gateway.server().close());
        await().atMost(PATIENCE).until(() -> failsAsUnavailable(start("new")));
        assertThat(calls).noneMatch(ListenableFuture::isDone);
        held.let(2);
        for (ListenableFuture<Task> call : calls) {
            assertThat(item(answer(call))).isIn("first", "a", "b");
        }
        stopped.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(bodies()).containsExactlyInAnyOrder("first", "a", "b");
    }

    /** A call that came before the stop may still gather; its client gives up. */
    private static boolean failsAsUnavailable(ListenableFuture<Task> call) {
        try {
            call.get(1, TimeUnit.SECONDS);
            return false;
        } catch (ExecutionException refused) {
            return Status.fromThrowable(refused).getCode() == Status.Code.UNAVAILABLE;
        } catch (java.util.concurrent.TimeoutException gathered) {
            call.cancel(true);
            return false;
        } catch (InterruptedException stopping) {
            throw new IllegalStateException(stopping);
        }
    }

    /** As many calls as an object can have items, of more text than it can have. */
    @Test
    void fullBatchesHaveNoMoreItemsAndNoMoreTextThanTheApiServerTakes() throws Exception {
        List<ListenableFuture<Task>> calls = new ArrayList<>(gather());
        String text = "x".repeat(60_000);
        IntStream.range(0, 14).forEach(i -> calls.add(start(text + i)));
        IntStream.range(0, 1_100).forEach(i -> calls.add(start("row " + i)));
        held.let(10_000);
        for (ListenableFuture<Task> call : calls) {
            answer(call);
        }
        assertThat(new HashSet<>(bodies())).hasSize(calls.size());
        assertThat(batches(cluster)).allSatisfy(batch -> {
            assertThat(lines(batch)).hasSizeLessThanOrEqualTo(1_000);
            assertThat(batch.at("/spec/lines").asText().length()).isLessThanOrEqualTo(786_432);
        });
    }
}
