package dev.taskqueue.operator.status;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.RecordState;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskEffect;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.engine.Journal.Receipt;
import dev.taskqueue.operator.retention.RetentionCollector;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.StatusPatch;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.WrittenStatus;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If the journal breaks a rule, it sends a request that nobody answers, and repeats it when it is interrupted. The time limit gives up such a test, whatever its
 * thread does.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StatusJournalTest {
    private static final String TASK = " /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks/a";
    private static final String PATCH = "PATCH" + TASK + "/status?fieldManager=taskqueue-operator";
    private static final String WRITTEN = "{\"metadata\": {\"resourceVersion\": \"9\"}}";
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final AttemptHistory ONCE = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(200));
    private static final Entry.Finished END =
            new Entry.Finished(ONCE, new Ending(Ending.Reason.Delivered, "The worker answered 200."), NOW);

    private final TestingApiServer server = new TestingApiServer();
    private final QueueProfiles queues = new QueueProfiles();
    private final TaskCache tasks = new TaskCache();
    private volatile Fence.Outcomes outcomes = new Fence.Outcomes.All();
    /** How often the fence may be asked before another process leads. */
    private int leadsFor = Integer.MAX_VALUE;

    private final Fence fence = new Fence() {
        @Override
        public boolean isOpen() {
            return outcomes instanceof Outcomes.All;
        }

        @Override
        public Outcomes outcomes() {
            return leadsFor-- > 0 ? outcomes : new Outcomes.None();
        }
    };
    private final TestingRetries waits = new TestingRetries();
    private final TaskWriteContext context =
            new TaskWriteContext(server.api(), tasks, new WriteSlots(1), fence, () -> NOW, waits.retries(() -> NOW));
    private final FinishedObjects<TaskRecord> finished = new FinishedObjects<>(Clocks.system());
    private final StatusJournal journal =
            new StatusJournal(context, new RetentionCollector(context, finished, queues, Runnable::run));
    private final TaskRecord record = TestingTasks.seen(tasks, TestingTasks.task("a", 1));

    StatusJournalTest() throws IOException {
        tasks.handleEffects(TestingTasks.retention(finished));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void anOutcomeIsOneWrite() throws InterruptedException {
        server.then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.request()).hasToString(PATCH);
        assertThat(record.resourceVersion()).isEqualTo(9);
        assertThat(record.isFinished()).isTrue();
        assertThat(record.writtenStatus().name()).isEqualTo("Succeeded/Delivered");
    }

    @Test
    void theRequestThatWasSentGoesWithItsOutcomeAndNoOther() throws InterruptedException {
        record.keepSentRequest(1, TestingTasks.read("{method: 'PATCH'}", RequestSummary.class));
        server.then(503, "{}").then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.thenPatched().at("/status/request/method").asText()).isEqualTo("PATCH");
        assertThat(server.thenPatched().at("/status/request/method").asText()).isEqualTo("PATCH");
        assertThat(record.writtenStatus().hasRequest()).isTrue();
        assertThat(record.sentRequest()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 403})
    void aRefusedWriteIsTriedAgain(int code) throws InterruptedException {
        server.then(code, "{}").then(code, "<html>").then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.request()).hasToString(PATCH);
        assertThat(server.request()).hasToString(PATCH);
        assertThat(server.request()).hasToString(PATCH);
    }

    /** Only an answer with a Status comes from the API server. A webhook, a policy or a schema refuses the same write again. */
    @ParameterizedTest
    @ValueSource(ints = {400, 413, 422})
    void aWriteThatIsRefusedForGoodIsNotRepeated(int code) throws InterruptedException {
        server.then(code, "{}").then(200, task("a", 4, false).toString()).then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.WriteRefused("the API server refused it with " + code));
        assertThat(server.request()).hasToString(PATCH);
        // The end is noted in the object itself, so that no restart sends the Task again.
        assertThat(server.request()).hasToString("GET" + TASK);
        TestingApiServer.Request note = server.request();
        assertThat(note).hasToString("PATCH" + TASK + "?fieldManager=taskqueue-operator");
        assertThat(json(note.body())
                        .at("/metadata/annotations/taskqueue.dev~1completed")
                        .asText())
                .contains("Succeeded");
        assertThat(record.isFinished()).isFalse();
    }

    @Test
    void aPermissionMayBeOnItsWayForTwoSeconds() {
        server.forEver(403, "{\"kind\":\"Status\"}");
        assertThat(write()).isEqualTo(new Receipt.WriteRefused("the API server refused it with 403"));
        assertThat(waits.answers().get("outcome forbidden")).isBetween(5, 9);
        assertThat(waits.answers())
                .as("a starting API server must cost no Task")
                .doesNotContainKey("rescue-delete gone");
    }

    /** Nothing can be written to this Task, and after a restart it would be delivered a second time. */
    @Test
    void aDeliveredTaskThatTakesNeitherStatusNorNoteIsDeletedWhenTheProcessEnds() throws InterruptedException {
        server.then(422, "{}").then(200, task("a", 4, false).toString()).then(422, "{}");
        assertThat(write()).isInstanceOf(Receipt.WriteRefused.class);
        server.then(200, task("a", 4, false).toString()).then(422, "{}").then(200, "{}");
        giveUp();
        server.thenPatched();
        for (int i = 0; i < 2; i++) {
            server.thenRead();
            server.thenPatched();
        }
        assertThat(server.thenDeleted().at("/preconditions/resourceVersion").asText())
                .isEqualTo("4");
        assertThat(record.state().phase()).isInstanceOf(RecordState.Phase.Deleting.class);
    }

    @Test
    void aTaskThatGitMadeIsNotDeletedForIt() {
        track();
        server.forEver(422, "{\"kind\":\"Status\"}");
        assertThat(write()).isInstanceOf(Receipt.WriteRefused.class);
        giveUp();
        assertThat(waits.answers()).doesNotContainKey("rescue-delete refused");
    }

    /** A restore of etcd took a version back, and no new version reached it. Once, GET, PATCH and 409 repeated without a pause. */
    @Test
    void whatIsReadCountsAlsoWhereItsVersionIsLower() throws InterruptedException {
        record.apply(new TaskMessage.MetadataWritten(1, 100));
        server.then(409, "{}").then(200, task("a", 40, false).toString()).then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.thenPatched().at("/metadata/resourceVersion").asText())
                .isEqualTo("100");
        server.thenRead();
        assertThat(server.thenPatched().at("/metadata/resourceVersion").asText())
                .isEqualTo("40");
    }

    @Test
    void afterTheSecondConflictThereIsAPauseThatGrows() {
        for (int i = 0; i < 5; i++) {
            server.then(409, "{}").then(200, task("a", 10 + i, false).toString());
        }
        server.then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(waits.pauses()).hasSize(4).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void anEndIsNotWrittenOverWhatWasStartedAgain() {
        ObjectNode redriven = (ObjectNode) task("a", 5, false);
        redriven.set("status", json("{state: 'Queued', round: {number: 2}}"));
        server.then(409, "{}").then(200, redriven.toString());
        assertThat(write()).isEqualTo(new Receipt.TaskDeleted());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "{}", "{\"metadata\": {\"resourceVersion\": \"nine\"}}"})
    void anAnswerThatMakesNoSenseIsReadBack(String answer) throws InterruptedException {
        server.then(200, answer).then(200, task("a", 9, true).toString());
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.request()).hasToString(PATCH);
        assertThat(server.request()).hasToString("GET" + TASK);
        assertThat(record.resourceVersion()).isEqualTo(9);
    }

    @Test
    void aWriteWhoseAnswerIsLostIsNotRepeatedWhereItIsIn() throws InterruptedException {
        server.then(TestingApiServer.Answer::reset).then(200, task("a", 9, true).toString());
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(record.isFinished()).isTrue();
    }

    @Test
    void aWriteThatDidNotArriveIsRepeated() throws InterruptedException {
        server.then(TestingApiServer.Answer::reset)
                .then(TestingApiServer.Answer::reset)
                .then(TestingApiServer.Answer::reset)
                .then(200, task("a", 1, false).toString())
                .then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.request()).hasToString(PATCH);
        assertThat(server.request()).hasToString("GET" + TASK);
        assertThat(server.request()).hasToString(PATCH);
        assertThat(server.request()).hasToString("GET" + TASK);
        assertThat(server.request()).hasToString(PATCH);
    }

    @Test
    void afterAConflictTheWriteBearsTheVersionThatIsThere() throws InterruptedException {
        server.then(409, "{}").then(200, task("a", 5, false).toString()).then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        server.thenPatched();
        server.thenRead();
        assertThat(server.thenPatched().at("/metadata/resourceVersion").asText())
                .isEqualTo("5");
    }

    @Test
    void whatAnotherWriteToldIsTakenBack() throws InterruptedException {
        ObjectNode dispatching = (ObjectNode) task("a", 5, false);
        dispatching.set("status", json("""
                {state: 'Dispatching', claim: {attempt: 1}, conditions: [
                  {type: 'Accepted', status: 'True', reason: 'Accepted', lastTransitionTime: '2026-11-21T08:59:00Z'},
                  {type: 'Succeeded', status: 'Unknown', reason: 'Dispatching', lastTransitionTime: '2026-11-21T08:59:00Z'}]}"""));
        server.then(409, "{}").then(200, dispatching.toString()).then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        server.thenPatched();
        server.thenRead();
        assertThat(server.thenPatched().at("/status/claim").isNull()).isTrue();
    }

    @Test
    void behindAClosedFenceNothingIsWritten() {
        outcomes = new Fence.Outcomes.None();
        assertThat(write()).isEqualTo(new Receipt.Fenced());
    }

    /** A process may be frozen between the question and the write, and learn meanwhile what its successor has written. */
    @Test
    void theFenceIsAskedOnceMoreWhenThePatchHasItsVersion() {
        leadsFor = 1;
        assertThat(write()).isEqualTo(new Receipt.Fenced());
        assertThat(record.isFinished()).isFalse();
    }

    @Test
    void whileNobodyKnowsWhetherThisProcessStillLeadsAnOutcomeWaits() throws InterruptedException {
        outcomes = new Fence.Outcomes.Later();
        server.then(200, WRITTEN);
        Thread writer = Thread.ofVirtual().start(this::write);
        await().until(() -> !waits.pauses().isEmpty());
        outcomes = new Fence.Outcomes.All();
        writer.join();
        assertThat(server.request()).hasToString(PATCH);
        assertThat(record.isFinished()).isTrue();
    }

    @Test
    void whoLeadsNoMoreWritesWhatItHasClaimedAndNothingElse() throws InterruptedException {
        outcomes = new Fence.Outcomes.OfClaims("me");
        assertThat(write()).isEqualTo(new Receipt.Fenced());
        told(2, claimedBy("other"));
        assertThat(write()).isEqualTo(new Receipt.Fenced());
        told(3, claimedBy("me"));
        server.then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
    }

    @Test
    void whatTheSuccessorHasDecidedOfAClaimStands() throws InterruptedException {
        outcomes = new Fence.Outcomes.OfClaims("me");
        told(3, claimedBy("me"));
        server.then(409, "{}").then(200, task("a", 5, false).toString());
        assertThat(write()).isEqualTo(new Receipt.Fenced());
    }

    @Test
    void anEndThatAnotherProcessWroteStands() throws InterruptedException {
        ObjectNode ended = (ObjectNode) task("a", 5, true);
        ((ObjectNode) ended.path("status").path("lastAttempt")).put("number", 2);
        server.then(409, "{}").then(200, ended.toString());
        assertThat(write()).isEqualTo(new Receipt.TaskDeleted());
        assertThat(record.isFinished()).isTrue();
    }

    @Test
    void anOutcomeThatItsSenderWroteLateStandsForAnAttemptThatWasTakenForInterrupted() throws InterruptedException {
        AttemptHistory late =
                AttemptHistory.NONE.plus(NOW, NOW, NOW, new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "late"));
        var written = new Entry.BackingOff(late, NOW.plusSeconds(7));
        var effects = new ArrayList<TaskEffect>();
        tasks.handleEffects((_, effect) -> effects.add(effect));
        server.then(409, "{}")
                .then(200, withStatus(TestingTasks.task("a", 5), written).toString());
        var interrupted = new Entry.BackingOff(AttemptHistory.NONE.plusInterrupted(NOW, NOW), NOW.plusSeconds(9));
        assertThat(journal.write(new DeliveryId(record.id, 1), ORDERS, interrupted))
                .isEqualTo(new Receipt.TaskDeleted());
        assertThat(record.writtenStatus().name()).isEqualTo("BackingOff/BackingOff");
        assertThat(effects).hasSize(2).first().isEqualTo(new TaskEffect.Cancel());
        assertThat(effects.getLast())
                .isInstanceOfSatisfying(
                        TaskEffect.Offer.class,
                        offer -> assertThat(Objects.requireNonNull(StatusReader.attemptHistory(
                                                        offer.object().status())
                                                .last())
                                        .reason())
                                .isEqualTo(AttemptReason.DeadlineExceeded));
    }

    private void told(long version, WrittenStatus writtenStatus) {
        record.apply(new TaskMessage.StatusWritten(1, version, writtenStatus));
    }

    private static WrittenStatus claimedBy(String holder) {
        return new WrittenStatus("Dispatching/Dispatching", true, NOW, NOW).claimedBy(holder);
    }

    @Test
    void nobodyWaitsForTheOutcomeOfATaskThatIsGone() throws InterruptedException {
        server.then(404, "{}");
        assertThat(write()).isEqualTo(new Receipt.TaskDeleted());
        server.then(409, "{}").then(404, "{}");
        assertThat(write()).isEqualTo(new Receipt.TaskDeleted());
        tasks.remove(record.id);
        assertThat(write()).isEqualTo(new Receipt.TaskDeleted());
    }

    @Test
    void theOutcomeIsNotThatOfAnotherTaskUnderTheSameName() throws InterruptedException {
        JsonNode other = json(task("a", 5, true).toString().replace("uid-a", "uid-b"));
        server.then(409, "{}").then(200, other.toString());
        assertThat(write()).isEqualTo(new Receipt.TaskDeleted());
    }

    @Test
    void whereNothingIsKeptTheTaskIsDeletedInstead() throws InterruptedException {
        keepNothing();
        server.then(200, "{}");
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.request()).hasToString("DELETE" + TASK);
    }

    @Test
    void aDeleteWhoseAnswerIsLostCountsAsDone() throws InterruptedException {
        keepNothing();
        server.then(TestingApiServer.Answer::reset).then(404, "{}");
        assertThat(write()).isEqualTo(new Receipt.Written());
    }

    @Test
    void aDeleteThatFindsNothingCountsAsDone() throws InterruptedException {
        keepNothing();
        server.then(404, "{}");
        assertThat(write()).isEqualTo(new Receipt.Written());
    }

    @Test
    void aDeleteThatMeetsAnEditIsRepeated() throws InterruptedException {
        keepNothing();
        server.then(409, "{}").then(200, task("a", 5, false).toString()).then(200, "{}");
        assertThat(write()).isEqualTo(new Receipt.Written());
        server.thenDeleted();
        server.thenRead();
        assertThat(server.thenDeleted().at("/preconditions/resourceVersion").asText())
                .isEqualTo("5");
    }

    @Test
    void aTrackedTaskBearsItsEndOnItselfBeforeItsStatusSaysSo() throws InterruptedException {
        track();
        server.then(200, tracked(4).toString()).then(200, WRITTEN).then(200, WRITTEN.replace("9", "10"));
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(server.request()).hasToString("GET" + TASK);
        TestingApiServer.Request annotation = server.request();
        assertThat(annotation).hasToString("PATCH" + TASK + "?fieldManager=taskqueue-operator");
        JsonNode metadata = json(annotation.body()).path("metadata");
        assertThat(metadata.path("annotations").has("taskqueue.dev/completed")).isTrue();
        assertThat(metadata.path("resourceVersion").asText()).isEqualTo("4");
        TestingApiServer.Request status = server.request();
        assertThat(status).hasToString(PATCH);
        assertThat(json(status.body()).at("/metadata/resourceVersion").asText()).isEqualTo("9");
    }

    @Test
    void aTrackedTaskEndsAlsoWhereItMayNotBeAnnotated() throws InterruptedException {
        track();
        server.then(200, tracked(4).toString()).then(422, "{}").then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(record.isFinished()).isTrue();
    }

    /** The right to write status comes at once, and the right to annotate never comes. */
    @Test
    void aTrackedTaskEndsAlsoWhereTheRightToAnnotateItIsMissing() throws InterruptedException {
        track();
        for (int i = 0; i < 7; i++) {
            server.then(200, tracked(4).toString()).then(403, "{}");
        }
        server.then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        assertThat(record.isFinished()).isTrue();
        assertThat(waits.slept()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 429, 500})
    void anAnnotationThatMeetsAnEditOrAFaultIsRepeated(int code) throws InterruptedException {
        track();
        server.then(200, tracked(4).toString())
                .then(code, "{}")
                .then(200, tracked(5).toString())
                .then(200, WRITTEN)
                .then(200, WRITTEN);
        assertThat(write()).isEqualTo(new Receipt.Written());
        server.thenRead();
        server.thenPatched();
        server.thenRead();
        assertThat(server.thenPatched().at("/metadata/resourceVersion").asText())
                .isEqualTo("5");
        assertThat(server.request()).hasToString(PATCH);
    }

    @Test
    void aTrackedTaskThatIsGoneIsNotAnnotated() {
        track();
        server.then(404, "{}");
        assertThat(write()).isEqualTo(new Receipt.TaskDeleted());
    }

    private void track() {
        TestingTasks.seen(tasks, tracked(2));
    }

    private static JsonNode tracked(long version) {
        return TestingTasks.task(
                "a",
                version,
                "annotations: {'meta.helm.sh/release-name': 'shop'}",
                "{queueRef: {name: 'orders'}, httpRequest: {}}");
    }

    private Receipt write() {
        return journal.write(new DeliveryId(record.id, 1), ORDERS, END);
    }

    /** Does what happens at the end of the process. */
    private void giveUp() {
        journal.saveUnwritten(new DeliveryId(record.id, 1), END);
    }

    private void keepNothing() {
        queues.put(
                ORDERS,
                QueueProfile.read(TestingTasks.read("{retention: {succeeded: '0s'}}", TaskQueueSpec.class), false));
    }

    private static JsonNode task(String name, long version, boolean ended) {
        ObjectNode task = (ObjectNode) TestingTasks.task(name, version);
        return ended ? withStatus(task, END) : task;
    }

    private static JsonNode withStatus(JsonNode task, Entry entry) {
        try {
            String patch =
                    StatusPatch.of(entry, WrittenStatus.NOTHING, 1, NOW, null).body();
            ((ObjectNode) task).set("status", TaskJson.MAPPER.readTree(patch).path("status"));
            return task;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
