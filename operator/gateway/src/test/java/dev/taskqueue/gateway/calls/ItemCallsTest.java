package dev.taskqueue.gateway.calls;

import static dev.taskqueue.gateway.testing.GroupedTasks.batches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.DeleteTaskRequest;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.RunTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.QueueCache;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.TaskLimits;
import dev.taskqueue.gateway.mapping.TaskObjectWriter;
import dev.taskqueue.gateway.ops.GatewayMeters;
import dev.taskqueue.gateway.testing.GroupedTasks;
import dev.taskqueue.gateway.testing.MemoryCluster;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** GetTask, RunTask and DeleteTask of tasks that are items of a TaskBatch. */
class ItemCallsTest {
    private static final String BATCH = "imports-4711471147114711";
    private static final String ENDED = "The task no longer exists, though a task with this name existed recently.";

    private final MemoryCluster cluster = new MemoryCluster();
    private final TaskCalls calls = calls();

    private TaskCalls calls() {
        var client = new ClusterClient(cluster, 8, new GatewayMeters("test"));
        var resolver = new NamespaceResolver(
                () -> GroupedTasks.RULES,
                Set.of(),
                rules -> new TaskObjectWriter(
                        rules, new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)), (n, s) -> false, n -> {}));
        return new TaskCalls(client, new QueueCache(client), resolver);
    }

    @BeforeEach
    void aBatchOfThree() {
        cluster.put("shop", "taskbatches", """
                {"metadata": {"name": "%s", "annotations": {"gateway.taskqueue.dev/url-prefix": "https://rows.example"}},
                 "spec": {"queueRef": {"name": "imports"},
                          "template": {"httpRequest": {"serviceRef": {"name": "w"}, "method": "POST"}},
                          "lines": "{\\"path\\":\\"/0\\"}\\n{\\"path\\":\\"/1\\",\\"body\\":\\"one\\"}\\n{\\"path\\":\\"/2\\"}\\n"},
                 "status": {"state": "Running", "startTime": "2026-11-30T12:00:00Z", "succeeded": "0",
                            "retries": {"0": "1:3/2/1@12+61250!503"}}}
                """.formatted(BATCH));
    }

    private static CallContext call() {
        return CallContext.within(new Caller("system:serviceaccount:shop:admin", List.of()), Duration.ofSeconds(20));
    }

    private static String name(int index) {
        return GroupedTasks.QUEUE + "/tasks/" + BATCH + "-" + index;
    }

    private Task get(int index) {
        return calls.get(
                call(),
                GetTaskRequest.newBuilder()
                        .setName(name(index))
                        .setResponseView(Task.View.FULL)
                        .build());
    }

    private Task run(int index) {
        return calls.run(
                call(), RunTaskRequest.newBuilder().setName(name(index)).build());
    }

    private void delete(int index) {
        calls.delete(call(), DeleteTaskRequest.newBuilder().setName(name(index)).build());
    }

    private ObjectNode batch() {
        return batches(cluster).getFirst();
    }

    private String annotation(String name) {
        return batch().path("metadata")
                .path("annotations")
                .path("taskqueue.dev/" + name)
                .asText();
    }

    private static void fails(Code code, String sentence, Runnable work) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(work::run)
                .withMessageContaining(sentence)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    @Test
    void anItemIsReadAsATask() {
        Task task = get(1);
        assertThat(task.getName()).isEqualTo(name(1));
        assertThat(task.getHttpRequest().getUrl()).isEqualTo("https://rows.example/1");
        assertThat(task.getHttpRequest().getBody().toStringUtf8()).isEqualTo("one");
        assertThat(task.getDispatchCount()).isEqualTo(3);
        assertThat(task.getResponseCount()).isEqualTo(2);
        assertThat(task.getScheduleTime().getSeconds()
                        - task.getFirstAttempt().getDispatchTime().getSeconds())
                .isEqualTo(49);
        assertThat(get(2).getDispatchCount()).isZero();
    }

    @Test
    void anItemThatHasEndedIsGone() {
        fails(Code.NOT_FOUND, ENDED, () -> get(0));
        fails(Code.NOT_FOUND, ENDED, () -> run(0));
        fails(Code.NOT_FOUND, ENDED, () -> delete(0));
    }

    @Test
    void anItemThatNeverWasIsNotFound() {
        fails(Code.NOT_FOUND, CallAnswers.NO_ENTITY, () -> get(3));
        fails(
                Code.NOT_FOUND,
                CallAnswers.NO_ENTITY,
                () -> calls.get(
                        call(),
                        GetTaskRequest.newBuilder()
                                .setName(name(1).replace("4711-", "4712-"))
                                .build()));
    }

    @Test
    void aTaskWhoseKeyLooksLikeAnItemIsStillFound() {
        cluster.put("shop", "tasks", """
                {"metadata": {"name": "imports-1000000000000000-7-f2a1f6a2c5"},
                 "spec": {"queueRef": {"name": "imports"}}}
                """.replace(
                        "imports-1000000000000000-7-f2a1f6a2c5",
                        dev.taskqueue.client.TaskNames.of("imports", "imports-1000000000000000-7"))
                .replace("\"},\n", "\", \"annotations\": {\"taskqueue.dev/key\": \"imports-1000000000000000-7\"}},\n"));
        String name = GroupedTasks.QUEUE + "/tasks/imports-1000000000000000-7";
        assertThat(calls.get(call(), GetTaskRequest.newBuilder().setName(name).build())
                        .getName())
                .isEqualTo(name);
    }

    @Test
    void runTaskNamesTheIndexAndKeepsThoseThatTheOperatorHasNotSeen() {
        assertThat(run(2).getName()).isEqualTo(name(2));
        assertThat(annotation("run-now")).startsWith("2 ");
        run(1);
        assertThat(annotation("run-now")).startsWith("1,2 ");
        batch().withObjectProperty("status").put("lastHandledRunNow", annotation("run-now"));
        run(2);
        assertThat(annotation("run-now")).startsWith("2 ");
    }

    @Test
    void runTaskDoesNotReplaceWhatSomebodyElseAsksFor() {
        batch().withObjectProperty("metadata")
                .withObjectProperty("annotations")
                .put("taskqueue.dev/run-now", "all-at-once");
        fails(Code.ABORTED, "try again", () -> run(1));
        assertThat(annotation("run-now")).isEqualTo("all-at-once");
    }

    @Test
    void oneOfSeveralItemsCannotBeDeletedAlone() {
        fails(Code.FAILED_PRECONDITION, "cannot be deleted alone", () -> delete(1));
        assertThat(annotation("cancel")).isEmpty();
    }

    /** The first request was done, so the second meets a batch that is another one. */
    @Test
    void aLostAnswerIsNotTakenForAChangeByOthers() {
        batch().withObjectProperty("status").put("failed", "2");
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER);
        run(1);
        assertThat(cluster.requests)
                .filteredOn(request -> request.method().equals("PATCH"))
                .extracting(request -> String.valueOf(request.body()))
                .hasSize(2)
                .containsOnly(String.valueOf(cluster.requests.stream()
                        .filter(request -> request.method().equals("PATCH"))
                        .findFirst()
                        .orElseThrow()
                        .body()));
        cluster.fail(MemoryCluster.Fault.LOST_ANSWER);
        delete(1);
        fails(Code.NOT_FOUND, ENDED, () -> delete(1));
    }

    private void task(String id) {
        cluster.put("shop", "tasks", """
                {"metadata": {"name": "%s", "annotations": {"taskqueue.dev/key": "%s"}},
                 "spec": {"queueRef": {"name": "imports"}, "httpRequest": {"serviceRef": {"name": "worker"}, "path": "/a-task"}}}
                """.formatted(dev.taskqueue.client.TaskNames.of("imports", id), id));
    }

    /** A time in microseconds has 16 digits, too. */
    @Test
    void aTaskWhoseKeyLooksLikeAnItemNeedsNoRightToReadBatches() {
        cluster.deny("system:serviceaccount:shop:admin", "get taskbatches");
        task(BATCH + "-1");
        assertThat(get(1).getName()).isEqualTo(name(1));
        run(1);
        delete(1);
        assertThat(cluster.all("shop", "tasks")).isEmpty();
        fails(Code.PERMISSION_DENIED, "cannot get", () -> get(1));
        fails(Code.PERMISSION_DENIED, "cannot get", () -> delete(2));
    }

    @Test
    void theNameOfAnItemThatHasEndedMayBeThatOfATask() {
        task(BATCH + "-0");
        assertThat(get(0).getHttpRequest().getUrl()).endsWith("/a-task");
        run(0);
        delete(0);
        assertThat(cluster.all("shop", "tasks")).isEmpty();
        fails(Code.NOT_FOUND, ENDED, () -> get(0));
    }

    @Test
    void theLastOpenItemIsDeletedByCancellingItsBatch() {
        batch().withObjectProperty("status").put("failed", "2");
        delete(1);
        assertThat(annotation("cancel")).isNotEmpty();
        fails(Code.NOT_FOUND, ENDED, () -> get(1));
    }
}
