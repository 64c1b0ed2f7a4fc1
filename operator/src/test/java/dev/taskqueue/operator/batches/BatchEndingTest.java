package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.batch.BatchOutlook;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStatusWriter;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemListReader;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows from the outcomes of a batch, also if a process before this one has done a part of it. */
class BatchEndingTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");
    private static final Duration AHEAD = Duration.ofDays(30);
    private static final JsonNode JSON = TestingBatches.json("b", "count: 3, onFinished: {}");
    private static final String TAKEN = "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\",\"code\":409}";

    private long nanos;
    private final TestingApiServer server = new TestingApiServer();
    private final ApiClient api = server.api();
    private final BatchRequests requests = new BatchRequests(api);
    private final QueueProfiles queues = new QueueProfiles();
    private final ItemListCache lists = new ItemListCache(1_000_000);
    private final BatchRecord record = new BatchRecord(BatchReader.read(JSON), new BatchProgress(3), 0);
    private final BatchEnding ending = new BatchEnding(
            api,
            new BatchWriter(api, requests, () -> true, new TestingRetries().retries(() -> NOW)),
            new BatchContents(new BatchCache(), requests, lists, AHEAD),
            queues,
            new Clocks(() -> NOW, () -> nanos),
            new Listener() {
                @Override
                public void deadLettered(QueueId queue, int letters) {
                    deadLettered += letters;
                }
            });

    private int deadLettered;

    BatchEndingTest() throws IOException {
        queue("{deadLetter: {queueRef: {name: 'orders-failed'}}}");
        var items = (ItemList.Result.Read) ItemListReader.read(record.object, JSON.path("spec"), AHEAD);
        lists.put(record.id, items.items());
        AttemptHistory history = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(422));
        for (int i = 0; i < 3; i++) {
            record.progress.note(
                    i, null, new Journal.Entry.Finished(history, new Ending(Ending.Reason.NonRetryable, "422."), NOW));
            record.progress.awaitDeadLetter(i);
            record.deadLettersDue.set(i);
        }
    }

    private void queue(String spec) throws IOException {
        var read = TaskJson.MAPPER.treeToValue(TestingTasks.json(spec), TaskQueueSpec.class);
        queues.put(record.queue, QueueProfile.read(read, false));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void theDeadLettersThatStatusNamesBecomeOneBatch() throws Exception {
        server.then(201, "{\"metadata\":{\"resourceVersion\":\"8\"}}");
        assertThat(ending.createDeadLetters(record, 5)).isInstanceOf(BatchWriter.Result.Written.class);
        JsonNode created = server.thenPosted();
        assertThat(created.path("kind").asText()).isEqualTo("TaskBatch");
        assertThat(created.at("/metadata/name").asText()).isEqualTo("b-dl-5f0c6c1e-1");
        assertThat(created.at("/spec/queueRef/name").asText()).isEqualTo("orders-failed");
        assertThat(created.at("/spec/lines").asText().strip().lines()).hasSize(3);
        assertThat(record.progress.openDeadLetters().isEmpty()).isTrue();
        assertThat(record.progress.deadLettersCreated()).isEqualTo(1);
        assertThat(record.deadLettersDue.isEmpty()).isTrue();
        assertThat(deadLettered).isEqualTo(3);
        assertThat(record.hasNews).isTrue();
        assertThat(record.nextDeadLetterAt).isEqualTo(5 + Duration.ofSeconds(5).toNanos());
    }

    @Test
    void aBatchThatAProcessBeforeHasCreatedIsNotCreatedTwice() throws Exception {
        server.then(201, "{\"metadata\":{\"resourceVersion\":\"8\"}}");
        ending.createDeadLetters(record, 0);
        String created = server.request().body();
        BatchEndingTest other = new BatchEndingTest();
        other.server.then(409, TAKEN).then(200, created);
        assertThat(other.ending.createDeadLetters(other.record, 0)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(other.record.progress.openDeadLetters().isEmpty()).isTrue();
        assertThat(other.record.progress.deadLettersCreated()).isEqualTo(1);
        other.close();
    }

    @Test
    void somebodyElsesObjectOfTheNameEndsTheDeadLetters() throws Exception {
        server.then(409, TAKEN).then(200, "{\"metadata\":{\"name\":\"b-dl-5f0c6c1e-1\"},\"spec\":{\"count\":1}}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.openDeadLetters().isEmpty()).isTrue();
        assertThat(record.progress.deadLettersCreated()).isZero();
    }

    @Test
    void aQueueWithoutDeadLettersMeanwhileCreatesNone() throws Exception {
        queue("{}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.openDeadLetters().isEmpty()).isTrue();
        assertThat(server.hasRequests()).isFalse();
    }

    @Test
    void aLostAnswerWithoutAnObjectIsTriedAgain() {
        server.then(answer -> answer.reset()).then(404, "{}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        assertThat(record.deadLettersDue.cardinality()).isEqualTo(3);
    }

    /** What is created may be delivered and deleted before anybody looks for it. */
    @Test
    void whatTheWatchHasShownIsNotCreatedAgain() throws Exception {
        server.then(answer -> shownAndLost("b-dl-5f0c6c1e-1", answer)).then(404, "{}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.deadLettersCreated()).isEqualTo(1);
        server.then(answer -> shownAndLost("b-done-5f0c6c1e", answer)).then(404, "{}");
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(BatchEnding.wantsReport(record)).isFalse();
    }

    /** The watch may be behind, so the object is shown after somebody has looked for it. */
    @Test
    void whatTheWatchShowsLaterIsNotCreatedAgain() throws Exception {
        server.then(answer -> answer.reset()).then(404, "{}");
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        api.creations().show(shown("b-done-5f0c6c1e"));
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.onFinishedTask()).isEqualTo("b-done-5f0c6c1e");
    }

    /** Another item has failed since the dead letters were sent whose answer is lost. */
    @Test
    void anItemThatFailsMeanwhileGetsItsDeadLetterLater() throws Exception {
        record.deadLettersDue.clear(2);
        server.then(answer -> answer.reset()).then(404, "{}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        record.deadLettersDue.set(2);
        api.creations().show(shown("b-dl-5f0c6c1e-1"));
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.deadLettersDue.stream()).containsExactly(2);
        server.request();
        server.request();
        server.then(201, "{\"metadata\":{\"resourceVersion\":\"8\"}}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.Written.class);
        JsonNode created = server.thenPosted();
        assertThat(created.at("/metadata/name").asText()).isEqualTo("b-dl-5f0c6c1e-2");
        assertThat(created.at("/spec/lines").asText().strip().lines()).hasSize(1);
        assertThat(record.deadLettersDue.isEmpty()).isTrue();
    }

    private void shownAndLost(String name, TestingApiServer.Answer answer) throws IOException {
        api.creations().show(shown(name));
        answer.reset();
    }

    private static JsonNode shown(String name) {
        return TestingTasks.json("{metadata: {namespace: 'shop', name: '" + name
                + "', annotations: {'taskqueue.dev/batch-uid': '" + TestingBatches.UID + "'}}}");
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 500, 503})
    void deadLettersWhoseNameIsTakenAndThatCannotBeReadAreTriedAgain(int code) {
        server.then(409, TAKEN).then(code, "{}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        assertThat(record.deadLettersDue.cardinality()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 500, 503})
    void aReportWhoseNameIsTakenAndThatCannotBeReadIsTriedAgain(int code) {
        server.then(409, TAKEN).then(code, "{}");
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        assertThat(BatchEnding.wantsReport(record)).isTrue();
    }

    @Test
    void eachRoundHasAReportOfItsOwn() throws Exception {
        record.progress.redrive(RedriveRequest.byTask("again"), NOW);
        server.then(201, "{}");
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(server.thenPosted().at("/metadata/name").asText()).isEqualTo("b-done-5f0c6c1e-2");
    }

    @Test
    void theReportIsCreatedOnceAlsoAfterACrash() {
        assertThat(BatchEnding.wantsReport(record)).isTrue();
        server.then(409, TAKEN)
                .then(
                        200,
                        "{\"metadata\":{\"name\":\"b-done-5f0c6c1e\",\"annotations\":{\"taskqueue.dev/batch-uid\":\""
                                + TestingBatches.UID + "\"}}}");
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.onFinishedTask()).isEqualTo("b-done-5f0c6c1e");
        assertThat(BatchEnding.wantsReport(record)).isFalse();
    }

    @Test
    void aReportThatIsRefusedDoesNotHoldUpTheEndAndStatusSaysWhy() {
        server.then(422, "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"code\":422}");
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.onFinishedTask()).isNull();
        assertThat(BatchEnding.wantsReport(record)).isFalse();
        assertThat(message())
                .startsWith(
                        "3 of 3 items failed; the first, item 0, was answered 422. There is no Task for onFinished: the API server refused it"
                                + " with 422; change what onFinished says there.");
    }

    private String message() {
        record.progress.complete(NOW);
        return BatchStatusWriter.status(record.progress, BatchOutlook.at(NOW))
                .at("/conditions/2/message")
                .asText();
    }

    @Test
    void aReportThatIsForbiddenIsTriedForHalfAMinute() {
        String forbidden =
                "{\"kind\":\"Status\",\"reason\":\"Forbidden\",\"message\":\"exceeded quota: few\",\"code\":403}";
        for (int i = 0; i < 3; i++) {
            server.then(403, forbidden);
        }
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        nanos = Duration.ofSeconds(29).toNanos();
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        assertThat(BatchEnding.wantsReport(record)).isTrue();
        nanos = Duration.ofSeconds(30).toNanos();
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(BatchEnding.wantsReport(record)).isFalse();
        assertThat(message()).contains("grant the operator create on tasks.taskqueue.dev");
    }

    @Test
    void deadLettersThatAPolicyRefusesAreToldWithItsName() {
        server.then(
                422,
                "{\"kind\":\"Status\",\"message\":\"ValidatingAdmissionPolicy 'p' with binding 'b' denied request:"
                        + " no\",\"code\":422}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.deadLettersDue.isEmpty()).isTrue();
        assertThat(message())
                .contains("Items have no dead letters in TaskQueue orders-failed: the API server refused it with 422 by"
                        + " ValidatingAdmissionPolicy p; have that policy allow these dead letters");
    }

    @Test
    void deadLettersThatAreForbiddenForHalfAMinuteDoNotHoldUpTheEnd() {
        server.then(403, "{\"kind\":\"Status\",\"code\":403}").then(403, "{\"kind\":\"Status\",\"code\":403}");
        assertThat(ending.createDeadLetters(record, 0)).isInstanceOf(BatchWriter.Result.RetryLater.class);
        nanos = Duration.ofSeconds(30).toNanos();
        assertThat(ending.createDeadLetters(record, nanos)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.openDeadLetters().isEmpty()).isTrue();
    }

    @Test
    void somebodyElsesTaskIsNotTheReport() {
        server.then(409, TAKEN)
                .then(
                        200,
                        "{\"metadata\":{\"name\":\"b-done-5f0c6c1e\",\"annotations\":{\"taskqueue.dev/batch-uid\":\"other\"}}}");
        assertThat(ending.report(record)).isInstanceOf(BatchWriter.Result.Written.class);
        assertThat(record.progress.onFinishedTask()).isNull();
        assertThat(message()).contains("another Task has the name b-done-5f0c6c1e");
    }

    @Test
    void onlyABatchThatGitKeepsIsAnnotatedAndOnce() throws Exception {
        ending.annotate(record);
        assertThat(server.hasRequests()).isFalse();
        ObjectNode helm = JSON.deepCopy();
        ((ObjectNode) helm.path("metadata"))
                .set("annotations", TestingTasks.json("{'meta.helm.sh/release-name': 'shop'}"));
        record.object = BatchReader.read(helm);
        server.then(200, helm.toString()).then(200, helm.toString());
        ending.annotate(record);
        assertThat(server.request().method()).isEqualTo("GET");
        TestingApiServer.Request patch = server.request();
        assertThat(patch.method()).isEqualTo("PATCH");
        assertThat(patch.body()).contains("taskqueue.dev/completed");
        ending.annotate(record);
        assertThat(server.hasRequests()).isFalse();
    }

    @Test
    void aRedriveAsksForTheReportAgain() {
        server.then(422, "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"code\":422}");
        ending.report(record);
        record.progress.redrive(RedriveRequest.byTask("again"), NOW);
        assertThat(record.progress.refusals().isReportRefused()).isFalse();
    }
}
