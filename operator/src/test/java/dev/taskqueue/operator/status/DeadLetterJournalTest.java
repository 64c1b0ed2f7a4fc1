package dev.taskqueue.operator.status;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.engine.Journal.Receipt;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.task.DeadLetterDraft;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If the journal breaks a rule, it sends a request that nobody answers, and repeats it when it is interrupted. The time limit gives up such a test, whatever its
 * thread does.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeadLetterJournalTest {
    private static final String TASKS = " /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";
    private static final String POST = "POST" + TASKS + "?fieldManager=taskqueue-operator";
    private static final String GET_TASK = "GET" + TASKS + "/a";
    private static final String GET_LETTER = "GET" + TASKS + "/a-dl-uid-a";
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final AttemptHistory ONCE = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(500));
    private static final String CREATED =
            "{metadata: {namespace: 'shop', name: 'a-dl-uid-a', uid: 'uid-dl', resourceVersion: '7'}}";
    private static final String TAKEN = "{kind: 'Status', reason: 'AlreadyExists'}";

    private final TestingApiServer server = new TestingApiServer();
    private final QueueProfiles queues = new QueueProfiles();
    private final TaskCache tasks = new TaskCache();
    private final AtomicBoolean fence = new AtomicBoolean(true);
    private final TestingRetries waits = new TestingRetries();
    private final TaskWriteContext context = new TaskWriteContext(
            server.api(), tasks, new WriteSlots(1), fence::get, () -> NOW, waits.retries(() -> NOW));
    private final List<Entry> written = new ArrayList<>();
    private final Map<QueueId, Integer> deadLettered = new HashMap<>();
    private final Listener listener = new Listener() {
        @Override
        public void deadLettered(QueueId queue, int letters) {
            deadLettered.merge(queue, letters, Integer::sum);
        }
    };
    private final DeadLetterJournal journal = new DeadLetterJournal(context, queues, listener, (task, queue, entry) -> {
        written.add(entry);
        return new Receipt.Written();
    });
    private final TaskObject task = TaskReader.read(TestingTasks.task("a", 1));
    private final TaskRecord record = TestingTasks.seen(tasks, TestingTasks.task("a", 1));

    DeadLetterJournalTest() throws IOException {
        queue("{deadLetter: {queueRef: {name: 'orders-failed'}}, httpTarget: {path: '/now'}}");
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Ending.Reason.class,
            names = {"RetriesExhausted", "NonRetryable", "Expired"})
    void theDeadLetterComesBeforeTheEnd(Ending.Reason reason) throws Exception {
        sent("{path: '/sent'}");
        server.then(answer -> {
            assertThat(written).isEmpty();
            answer.json(201, relaxed(CREATED));
        });
        assertThat(fail(reason)).isEqualTo(new Receipt.Written());
        assertThat(server.request()).hasToString(GET_TASK);
        TestingApiServer.Request post = server.request();
        assertThat(post).hasToString(POST);
        var deadLetter = TestingTasks.json(post.body());
        assertThat(deadLetter.at("/spec/httpRequest/path").asText()).isEqualTo("/sent");
        assertThat(deadLetter.at("/spec/queueRef/name").asText()).isEqualTo("orders-failed");
        assertThat(deadLetter.at("/spec/deadLetterOf/reason").asText()).isEqualTo(reason.name());
        assertThat(message()).isEqualTo("Given up. Its dead letter is Task a-dl-uid-a.");
        assertThat(end().ending().reason()).isEqualTo(reason);
        assertThat(deadLettered).containsExactly(Map.entry(ORDERS, 1));
    }

    @ParameterizedTest
    @EnumSource(
            value = Ending.Reason.class,
            names = {"Delivered", "InvalidSpec"})
    void otherEndsLeaveNone(Ending.Reason reason) {
        assertThat(fail(reason)).isEqualTo(new Receipt.Written());
        assertThat(message()).isEqualTo("Given up.");
        assertThat(deadLettered).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{deadLetter: {queueRef: {name: 'orders'}}}"})
    void aQueueWithoutADeadLetterQueueOfItsOwnLeavesNone(String spec) {
        queue(spec);
        assertThat(fail(Ending.Reason.Expired)).isEqualTo(new Receipt.Written());
        queues.remove(ORDERS);
        assertThat(fail(Ending.Reason.Expired)).isEqualTo(new Receipt.Written());
        assertThat(written).hasSize(2);
    }

    @Test
    void aRetryLeavesNoneAndForgetsWhatWasSent() throws Exception {
        sent("{path: '/sent'}");
        journal.write(new DeliveryId(record.id, 1), ORDERS, new Entry.BackingOff(ONCE, NOW));
        assertThat(written).hasSize(1);
        assertThat(record.takeDeadLetterDraft()).isNull();
    }

    @Test
    void whereNothingWasSentTheRequestIsWhatTaskAndQueueSayNow() throws Exception {
        server.then(200, TestingTasks.task("a", 1).toString()).then(201, relaxed(CREATED));
        fail(Ending.Reason.Expired);
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.thenPosted().at("/spec/httpRequest/path").asText()).isEqualTo("/now");
    }

    @Test
    void aDeadLetterNeverHasOneItself() {
        server.then(
                200,
                TestingTasks.task("a", 1, "", "{queueRef: {name: 'orders'}, deadLetterOf: {}}")
                        .toString());
        fail(Ending.Reason.Expired);
        assertThat(message()).isEqualTo("Given up.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "429 | {kind: 'Status'}",
                "401 | {kind: 'Status'}",
                "500 | {kind: 'Status', message: 'etcdserver: leader changed'}",
                "503 | {kind: 'Status'}",
                "403 | {kind: 'Status'}",
                "404 | []",
            })
    void whatMayPassIsTriedAgain(int code, String body) throws Exception {
        sent("{}");
        server.then(code, relaxed(body)).then(code, relaxed(body)).then(201, relaxed(CREATED));
        fail(Ending.Reason.NonRetryable);
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.request()).hasToString(POST);
        assertThat(server.request()).hasToString(POST);
        assertThat(server.request()).hasToString(POST);
        assertThat(message()).endsWith("Its dead letter is Task a-dl-uid-a.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{metadata: {namespace: 'shop', name: 'other', uid: 'u'}}", "{}"})
    void anAnswerThatMakesNoSenseIsReadBack(String body) throws Exception {
        sent("{}");
        server.then(200, relaxed(body)).then(404, "{}").then(201, relaxed(CREATED));
        fail(Ending.Reason.NonRetryable);
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.request()).hasToString(POST);
        assertThat(server.request()).hasToString(GET_LETTER);
        assertThat(server.request()).hasToString(POST);
        assertThat(message()).endsWith("Its dead letter is Task a-dl-uid-a.");
    }

    /**
     * The list of a new leader may be older than the end that its predecessor wrote. Without this check, 20 of 20 succeeded Tasks got a dead letter.
     */
    @ParameterizedTest
    @ValueSource(strings = {"{state: 'Succeeded'}", "{state: 'Failed'}", "{state: 'Queued', round: {number: 2}}"})
    void whatHasEndedOrWasStartedAgainGetsNone(String status) throws Exception {
        ObjectNode now = (ObjectNode) TestingTasks.task("a", 9);
        now.set("status", json(status));
        server.then(200, now.toString());
        assertThat(fail(Ending.Reason.Expired)).isEqualTo(new Receipt.TaskDeleted());
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.hasRequests()).isFalse();
        assertThat(written).isEmpty();
    }

    @Test
    void aCreationWhoseAnswerIsLostIsOurs() throws Exception {
        sent("{}");
        server.then(TestingApiServer.Answer::reset)
                .then(500, "{}")
                .then(409, relaxed(TAKEN))
                .then(200, letterOf("uid-a"));
        fail(Ending.Reason.NonRetryable);
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.request()).hasToString(POST);
        assertThat(server.request()).hasToString(GET_LETTER);
        assertThat(server.request()).hasToString(POST);
        assertThat(server.request()).hasToString(GET_LETTER);
        assertThat(message()).endsWith("Its dead letter is Task a-dl-uid-a.");
    }

    /** Also if the end of the Task is refused, so that its write begins again. */
    @Test
    void aDeadLetterThatIsDeliveredAndDeletedBeforeItsAnswerIsLostIsNotCreatedAgain() throws Exception {
        sent("{}");
        server.then(answer -> {
                    context.api().creations().show(TestingTasks.json(letterOf("uid-a")));
                    answer.reset();
                })
                .then(404, "{}");
        fail(Ending.Reason.NonRetryable);
        sent("{}");
        fail(Ending.Reason.NonRetryable);
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.request()).hasToString(POST);
        assertThat(server.request()).hasToString(GET_LETTER);
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.hasRequests()).isFalse();
        assertThat(message()).endsWith("Its dead letter is Task a-dl-uid-a.");
    }

    @Test
    void anotherTaskOfThatNameIsLeftAloneAndSaid() throws Exception {
        sent("{}");
        server.then(409, relaxed(TAKEN)).then(200, letterOf("uid-b"));
        fail(Ending.Reason.NonRetryable);
        assertThat(message())
                .isEqualTo("Given up. It has no dead letter in TaskQueue orders-failed: another Task has its name"
                        + " a-dl-uid-a.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    422 | {kind: 'Status', message: 'Invalid value: private', details: {causes: [{field: 'spec.httpRequest.headers', message: 'private'}, {field: 'spec'}, {field: 'spec'}, {field: '<nil>'}]}} | the API server refused it with 422 (spec.httpRequest.headers, spec); change what Task and httpTarget say there together.
                    400 | {kind: 'Status', message: 'private'} | the API server refused it with 400; change what Task and httpTarget say there together.
                    500 | {kind: 'Status', message: 'etcdserver: request is too large'} | the API server refused it with 500; change what Task and httpTarget say there together.
                    403 | {kind: 'Status', details: {causes: [{reason: 'NamespaceTerminating'}]}} | the namespace is being deleted.
                    404 | {kind: 'Status'} | the namespace is being deleted.
                    """)
    void whatIsNeverTakenKeepsNoTaskFromItsEnd(int code, String body, String why) throws Exception {
        sent("{}");
        server.then(code, relaxed(body));
        fail(Ending.Reason.RetriesExhausted);
        assertThat(message()).isEqualTo("Given up. It has no dead letter in TaskQueue orders-failed: " + why);
    }

    /** A starting API server answers 403 until it has read its rules. Once, six such answers in 1.55 s were enough to give up dead letters. */
    @Test
    void whatIsForbiddenFor30SecondsIsForbiddenAndNotBefore() throws Exception {
        sent("{}");
        server.forEver(403, relaxed("{kind: 'Status', message: 'exceeded quota: private'}"));
        fail(Ending.Reason.RetriesExhausted);
        assertThat(message())
                .endsWith("the API server refused it with 403; grant the operator create on tasks.taskqueue.dev,"
                        + " and look at the namespace's quota.");
        assertThat(waits.slept()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(36));
    }

    @Test
    void theNextOneInAForbiddenNamespaceWaitsNoMore() throws Exception {
        sent("{}");
        server.forEver(403, relaxed("{kind: 'Status'}"));
        fail(Ending.Reason.RetriesExhausted);
        Duration slept = waits.slept();
        sent("{}");
        fail(Ending.Reason.RetriesExhausted);
        assertThat(written).hasSize(2);
        assertThat(waits.slept()).isEqualTo(slept);
    }

    @Test
    void aTaskThatCannotBeReadHasNone() {
        server.then(200, TestingTasks.task("a", 1, "", "{queueRef: 7}").toString());
        fail(Ending.Reason.Expired);
        assertThat(message()).endsWith("It has no dead letter in TaskQueue orders-failed: its spec cannot be read.");
    }

    @Test
    void aTaskThatIsGoneLeavesNone() throws Exception {
        server.then(404, "{}");
        assertThat(fail(Ending.Reason.Expired)).isEqualTo(new Receipt.TaskDeleted());
        server.then(200, TestingTasks.task("a", 1).toString().replace("uid-a", "uid-b"));
        assertThat(fail(Ending.Reason.Expired)).isEqualTo(new Receipt.TaskDeleted());
        sent("{}");
        server.then(answer -> {
            tasks.remove(record.id);
            answer.json(500, "{}");
        });
        assertThat(fail(Ending.Reason.NonRetryable)).isEqualTo(new Receipt.TaskDeleted());
        assertThat(written).isEmpty();
    }

    @Test
    void theFenceIsAskedBeforeEachTry() throws Exception {
        sent("{}");
        server.then(answer -> {
            fence.set(false);
            answer.json(500, "{}");
        });
        assertThat(fail(Ending.Reason.NonRetryable)).isEqualTo(new Receipt.Fenced());
        assertThat(written).isEmpty();
        assertThat(server.request()).hasToString(GET_TASK);
        assertThat(server.request()).hasToString(POST);
    }

    private void queue(String spec) {
        queues.put(ORDERS, QueueProfile.read(TestingTasks.read(spec, TaskQueueSpec.class), false));
    }

    /** The Task was sent just now. The read of the Task before its dead letter finds that it has not ended. */
    private void sent(String target) {
        server.then(200, TestingTasks.task("a", 1).toString());
        record.keepDeadLetterDraft(
                1,
                DeadLetterDraft.of(
                        task, Objects.requireNonNull(task.spec()), TestingTasks.read(target, HttpTarget.class)));
    }

    private Receipt fail(Ending.Reason reason) {
        return journal.write(
                new DeliveryId(record.id, 1), ORDERS, new Entry.Finished(ONCE, new Ending(reason, "Given up."), NOW));
    }

    private Entry.Finished end() {
        return (Entry.Finished) written.getFirst();
    }

    private @Nullable String message() {
        return end().ending().message();
    }

    private static String letterOf(String uid) {
        ObjectNode deadLetter = (ObjectNode) TestingTasks.task("a-dl-uid-a", 3);
        deadLetter.withObject("/spec").set("deadLetterOf", json("{uid: '" + uid + "'}"));
        return deadLetter.toString();
    }

    private static String relaxed(String text) {
        return json(text).toString();
    }
}
