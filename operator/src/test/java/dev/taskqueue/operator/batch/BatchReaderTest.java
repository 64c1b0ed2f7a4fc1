package dev.taskqueue.operator.batch;

import static dev.taskqueue.operator.batch.TestingBatches.batch;
import static dev.taskqueue.operator.batch.TestingBatches.lines;
import static dev.taskqueue.operator.batch.TestingBatches.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchReaderTest {
    private static final Instant CREATED = Instant.parse("2026-11-20T08:00:00Z");

    private static void annotate(ObjectNode batch, String name, String value) {
        ((ObjectNode) batch.get("metadata")).withObjectProperty("annotations").put(name, value);
    }

    @Test
    void readsWhatIsThere() {
        ObjectNode json = batch("""
                {queueRef: {name: 'orders'}, delay: '30s', expireTime: '2026-11-21T08:00:00Z', ttlAfterFinished: '2h', maxFailed: 10,
                 template: {dispatchDeadline: '120s', httpRequest: {path: '/invoice', json: {a: 1}}}, count: 3,
                 onFinished: {when: 'Failed', queueRef: {name: 'reports'}, httpRequest: {path: '/done'}}}""");
        json.set(
                "status", TestingTasks.json("{state: 'Failed', revision: 17, completionTime: '2026-11-20T09:00:00Z'}"));
        annotate(json, "taskqueue.dev/run-now", "x".repeat(300));
        annotate(json, "taskqueue.dev/redrive", "again");
        annotate(json, "taskqueue.dev/hold", "h".repeat(300));
        annotate(json, "taskqueue.dev/cancel", "");
        BatchObject batch = BatchReader.read(json);
        assertThat(batch.id())
                .isEqualTo(new BatchId("shop", "invoices", TestingBatches.UID))
                .hasToString("shop/invoices");
        assertThat(batch.queue()).isEqualTo(new QueueId("shop", "orders"));
        assertThat(batch.resourceVersion()).isEqualTo(7);
        assertThat(batch.createdAt()).isEqualTo(CREATED);
        assertThat(batch.deleting() || batch.tracked()).isFalse();
        assertThat(batch.problem()).isNull();
        assertThat(batch.ttl()).isEqualTo(Duration.ofHours(2));
        assertThat(batch.dueAt(CREATED)).isEqualTo(CREATED.plusSeconds(30));
        assertThat(batch.expireAt()).isEqualTo(CREATED.plus(Duration.ofDays(1)));
        assertThat(batch.spec().maxFailed()).isEqualTo(10);
        assertThat(batch.spec().dispatchDeadline()).isEqualTo("120s");
        assertThat(Objects.requireNonNull(batch.spec().request()).path()).isEqualTo("/invoice");
        assertThat(batch.told())
                .isEqualTo(new BatchObject.Told(BatchState.Failed, 17, Instant.parse("2026-11-20T09:00:00Z")));
        assertThat(batch.isFinished()).isTrue();
        assertThat(batch.actions().runNow()).startsWith("sha256:");
        assertThat(batch.actions().redrive()).isEqualTo("again");
        assertThat(batch.actions().hold()).hasSize(256).endsWith("...");
        assertThat(batch.actions().cancel()).isEmpty();
    }

    @Test
    void readsWhatIsNotThere() {
        BatchObject batch = BatchReader.read(batch("{queueRef: {name: 'orders'}, count: 3}"));
        assertThat(batch.spec()).isEqualTo(BatchSpec.NOTHING);
        assertThat(batch.actions()).isEqualTo(new BatchObject.Actions(null, null, null, null));
        assertThat(batch.told()).isEqualTo(new BatchObject.Told(BatchState.Pending, 0, null));
        assertThat(batch.isFinished()).isFalse();
        assertThat(batch.ttl()).isNull();
        assertThat(batch.expireAt()).isNull();
        assertThat(batch.completed()).isNull();
        assertThat(batch.dueAt(CREATED)).isEqualTo(CREATED);
    }

    @Test
    void seesThatItIsTrackedOrDeleted() {
        ObjectNode json = lines("{}");
        annotate(json, "meta.helm.sh/release-name", "shop");
        ((ObjectNode) json.get("metadata")).put("deletionTimestamp", "2026-11-20T08:00:00Z");
        BatchObject batch = BatchReader.read(json);
        assertThat(batch.tracked()).isTrue();
        assertThat(batch.deleting()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {count: 1}                              | spec.queueRef.name is missing: name the TaskQueue.
        {queueRef: {name: 'a'}}                 | spec must have exactly one of lines, items and count: add one.
        {queueRef: {name: 'a'}, count: 1, lines: '{}'} | spec must have exactly one of lines, items and count: keep one.
        {queueRef: {name: 'a'}, count: 1, maxFailed: -1} | spec.maxFailed must be 0 to 1000: change it.
        {queueRef: {name: 'a'}, count: 1, delay: '1s', scheduleTime: '2026-11-21T08:00:00Z'} | spec has both scheduleTime and delay: keep one.
        {queueRef: {name: 'a'}, count: 1, scheduleTime: 'x'} | spec.scheduleTime is no RFC 3339 time: write it as 2026-11-21T09:00:00Z.
        {queueRef: {name: 'a'}, count: 1, template: {httpRequest: {path: 'a'}}} | spec.template.httpRequest.path must begin with / and hold printable ASCII without #: percent-encode the rest.
        {queueRef: {name: 'a'}, count: 1, template: {httpRequest: {method: 'GET', body: 'a'}}} | spec.template.httpRequest.method GET takes no body: use POST, PUT or PATCH, or remove the body.
        {queueRef: {name: 'a'}, count: 1, template: {httpRequest: {headers: {Host: 'a'}}}} | spec.template.httpRequest.headers: Header Host is the operator's own to set; remove it.
        {queueRef: {name: 'a'}, count: 1, onFinished: {httpRequest: {path: 'a'}}} | spec.onFinished.httpRequest.path must begin with / and hold printable ASCII without #: percent-encode the rest.
        {queueRef: {name: 'a'}, count: 1, onFinished: {queueRef: {}}} | spec.onFinished.queueRef.name is missing: name the TaskQueue.
        {queueRef: {name: 'a'}, count: 1, onFinished: {dispatchDeadline: '1d'}} | spec.onFinished.dispatchDeadline: "1d" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m.
        """)
    void aFaultOfTheSpecIsNamed(String spec, String problem) {
        assertThat(problem(batch(spec))).isEqualTo(problem);
    }

    @Test
    void aPartThatCannotBeReadIsAFault() {
        assertThat(problem(batch("{queueRef: {name: 'a'}, count: 1, template: {httpRequest: {method: 'FETCH'}}}")))
                .startsWith("spec.template cannot be read: ");
        String deep = "[".repeat(600) + "]".repeat(600);
        assertThat(problem(batch("{queueRef: {name: 'a'}, count: 1, template: {httpRequest: {json: " + deep + "}}}")))
                .startsWith("spec.template cannot be read: spec.template.httpRequest.json is nested more than");
        String large = "'" + "x".repeat(262_144) + "'";
        assertThat(problem(
                        batch("{queueRef: {name: 'a'}, count: 1, onFinished: {httpRequest: {json: " + large + "}}}")))
                .startsWith("spec.onFinished.httpRequest.json has 262146 bytes");
    }

    @Test
    void anObjectWithoutRoomForItsStatusIsAFault() {
        ObjectNode small = lines("{\"body\": \"<&>\u0001\u20ac\ud83d\ude00\\n\"}\n".repeat(10));
        assertThat(BatchReader.read(small).storedBytes())
                .isEqualTo(small.toString().getBytes(StandardCharsets.UTF_8).length + (10 * 3 * 5) + 1);
        assertThat(problem(lines("\t{}\n" + "\u0001".repeat(233_000)))).startsWith("line 2: it is no JSON");
        assertThat(problem(lines("\t{}\n" + "\u0001".repeat(234_000))))
                .matches(
                        "The batch takes 140\\d{4} bytes as it is stored, at most 1400000 are allowed: make smaller batches\\.");
    }

    @Test
    void theAnnotationOfARestoredBatchCountsForItsSpecAlone() throws IOException {
        String deep = "[".repeat(400) + "]".repeat(400);
        String spec =
                "{queueRef: {name: 'a'}, count: 1, template: {httpRequest: {json: %s}}, onFinished: {httpRequest: {json: %s}}}"
                        .formatted(deep, deep);
        ObjectNode batch = batch(spec);
        var end = new CompletedAnnotation(true, CREATED);
        JsonNode patch = TaskJson.MAPPER.readTree(end.patch(batch).orElseThrow());
        assertThat(patch.path("metadata").path("resourceVersion").asText()).isEqualTo("7");
        String value = patch.path("metadata")
                .path("annotations")
                .path("taskqueue.dev/completed")
                .asText();
        annotate(batch, "taskqueue.dev/completed", value);
        assertThat(BatchReader.read(batch).completed()).isEqualTo(end);
        assertThat(end.patch(batch)).isEmpty();
        ((ObjectNode) batch.get("spec")).put("count", 2);
        assertThat(BatchReader.read(batch).completed()).isNull();
    }
}
