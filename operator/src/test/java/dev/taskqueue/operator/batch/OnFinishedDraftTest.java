package dev.taskqueue.operator.batch;

import static dev.taskqueue.operator.batch.TestingBatches.UID;
import static dev.taskqueue.operator.batch.TestingBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnFinishedDraftTest {
    private static final Instant NOW = RandomProgress.START;

    private static BatchProgress progress(int failed) {
        var progress = new BatchProgress(3);
        for (int i = 0; i < 3; i++) {
            AttemptHistory history =
                    AttemptHistory.NONE.plus(NOW, NOW, NOW, RandomProgress.outcome(i < failed ? 422 : 200));
            Ending.Reason reason = i < failed ? Ending.Reason.NonRetryable : Ending.Reason.Delivered;
            progress.note(i, null, new Entry.Finished(history, new Ending(reason, "Words."), NOW));
        }
        return progress;
    }

    private static JsonNode task(String onFinished, BatchProgress progress) throws IOException {
        BatchObject batch =
                BatchReader.read(batch("{queueRef: {name: 'orders'}, count: 3, onFinished: " + onFinished + "}"));
        assertThat(batch.problem()).isNull();
        return TaskJson.MAPPER.readTree(OnFinishedDraft.json(batch, progress, NOW.plusSeconds(5)));
    }

    @Test
    void theLabelsAreThoseOfTheBatchWithoutThoseOfTools() throws IOException {
        ObjectNode json = batch("{queueRef: {name: 'orders'}, count: 3, onFinished: {}}");
        ((ObjectNode) json.path("metadata"))
                .set(
                        "labels",
                        TestingTasks.json(
                                "{team: 'billing', 'helm.sh/chart': 'shop-1', 'app.kubernetes.io/managed-by': 'Helm'}"));
        JsonNode task =
                TaskJson.MAPPER.readTree(OnFinishedDraft.json(BatchReader.read(json), progress(1), NOW.plusSeconds(5)));
        assertThat(task.at("/metadata/labels")).isEqualTo(TestingTasks.json("{team: 'billing'}"));
    }

    @Test
    void theTaskCarriesTheSummary() throws IOException {
        assertThat(task(
                        "{queueRef: {name: 'reports'}, dispatchDeadline: '60s', httpRequest: {path: '/done'}}",
                        progress(1)))
                .isEqualTo(TestingTasks.json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'Task',
                 metadata: {namespace: 'shop', name: 'invoices-done-5f0c6c1e', annotations: {'taskqueue.dev/batch-uid': '%s'}},
                 spec: {queueRef: {name: 'reports'}, dispatchDeadline: '60s', httpRequest: {path: '/done', json: {
                  batch: 'invoices', namespace: 'shop', uid: '%s', round: 1, state: 'Failed', reason: 'ItemsFailed',
                  total: 3, succeeded: 2, failed: 1, skipped: 0, failedIndexes: '0',
                  failures: [{index: 0, attempts: 1, statusCode: 422, reason: 'NonRetryable', message: 'Words.',
                              time: '2026-11-20T08:00:00.123Z'}],
                  startTime: '2026-11-20T08:00:00.123Z', completionTime: '2026-11-20T08:00:05.123Z'}}}}
                """.formatted(UID, UID)));
    }

    @Test
    void itsQueueIsTheBatchesUnlessItNamesOne() throws IOException {
        JsonNode task = task("{}", progress(0));
        assertThat(task.path("spec").path("queueRef").path("name").asText()).isEqualTo("orders");
        assertThat(task.path("spec")
                        .path("httpRequest")
                        .path("json")
                        .path("state")
                        .asText())
                .isEqualTo("Succeeded");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {body: 'mine'}        | false
        {bodyBase64: 'AAEC'}  | false
        {json: {a: 1}}        | false
        {bodyFrom: {secretKeyRef: {name: 'a', key: 'b'}}} | false
        {method: 'GET'}       | false
        {method: 'PUT'}       | true
        {scheme: 'HTTPS'}     | true
        """)
    void aRequestWithABodyOfItsOwnOrWithoutAnyStaysAsItIs(String request, boolean hasSummary) throws IOException {
        JsonNode task = task("{httpRequest: " + request + "}", progress(0));
        JsonNode sent = task.path("spec").path("httpRequest");
        assertThat(sent.path("json").has("failedIndexes")).isEqualTo(hasSummary);
        assertThat(sent.properties()).containsAll(TestingTasks.json(request).properties());
        // The API server would take it.
        var read = TestingTasks.read(task.path("spec").toString(), dev.taskqueue.operator.api.TaskSpec.class);
        assertThat(SpecRules.problem(read)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Always, 0, true",
        "Always, 1, true",
        "Succeeded, 0, true",
        "Succeeded, 1, false",
        "Failed, 0, false",
        "Failed, 1, true"
    })
    void whenSaysAtWhichEndItIsWanted(String when, int failed, boolean isWanted) {
        BatchSpec spec = BatchReader.read(
                        batch("{queueRef: {name: 'a'}, count: 3, onFinished: {when: '" + when + "'}}"))
                .spec();
        assertThat(OnFinishedDraft.isWanted(spec, progress(failed))).isEqualTo(isWanted);
        assertThat(OnFinishedDraft.isWanted(BatchSpec.NOTHING, progress(failed)))
                .isFalse();
    }

    @Test
    void eachRoundHasItsOwnName() {
        BatchProgress progress = progress(1);
        progress.redrive(RedriveRequest.byTask("a"), NOW);
        var id = new BatchId("shop", "invoices", UID);
        assertThat(OnFinishedDraft.name(id, progress.round())).isEqualTo("invoices-done-5f0c6c1e-2");
        assertThat(OnFinishedDraft.name(new BatchId("shop", "a".repeat(253), UID), 12))
                .hasSize(253)
                .endsWith("a-done-5f0c6c1e-12");
    }

    @Test
    void theSummaryOfTheWorstBatchIsNoTooLargeABody() throws IOException {
        var progress = new BatchProgress(1000);
        for (int i = 0; i < 1000; i += 2) {
            progress.note(
                    i,
                    "k".repeat(200),
                    new Entry.Finished(
                            AttemptHistory.NONE, new Ending(Ending.Reason.Expired, "\u20ac".repeat(500)), NOW));
        }
        JsonNode task = task("{}", progress);
        ((ObjectNode) task.path("metadata"))
                .put("uid", "u")
                .put("resourceVersion", "1")
                .put("creationTimestamp", "2026-11-20T08:00:00Z");
        assertThat(Objects.requireNonNull(TaskReader.read(task).spec()).httpRequest())
                .isNotNull();
        assertThat(task.path("spec").path("httpRequest").path("json").toString().length())
                .isLessThan(65_536);
    }
}
