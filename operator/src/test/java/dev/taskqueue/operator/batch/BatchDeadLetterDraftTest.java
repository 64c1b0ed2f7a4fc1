package dev.taskqueue.operator.batch;

import static dev.taskqueue.operator.batch.TestingBatches.UID;
import static dev.taskqueue.operator.batch.TestingBatches.batch;
import static dev.taskqueue.operator.batch.TestingBatches.items;
import static dev.taskqueue.operator.batch.TestingBatches.lines;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchDeadLetterDraftTest {
    private static BatchProgress failed(int total, int... indexes) {
        var progress = new BatchProgress(total);
        for (int index : indexes) {
            AttemptHistory history = AttemptHistory.NONE.plus(
                    RandomProgress.START, RandomProgress.START, RandomProgress.START, RandomProgress.outcome(422));
            progress.note(
                    index,
                    null,
                    new Entry.Finished(history, new Ending(Ending.Reason.NonRetryable, "No."), RandomProgress.START));
        }
        return progress;
    }

    private static BitSet bits(int... indexes) {
        var bits = new BitSet();
        IntStream.of(indexes).forEach(bits::set);
        return bits;
    }

    private static BatchDeadLetterDraft.Draft draft(
            JsonNode batch, BatchProgress progress, @Nullable HttpTarget target) {
        return BatchDeadLetterDraft.of(
                BatchReader.read(batch),
                items(batch),
                progress,
                target,
                new BatchDeadLetterDraft.Goal("graveyard", progress.failed()));
    }

    /** The draft as the API server hands it out. */
    private static ObjectNode created(BatchDeadLetterDraft.Draft draft) throws IOException {
        ObjectNode object = (ObjectNode) TaskJson.MAPPER.readTree(draft.json());
        ((ObjectNode) object.get("metadata"))
                .put("uid", "uid-2")
                .put("resourceVersion", "9")
                .put("creationTimestamp", "2026-11-20T08:00:00Z");
        return object;
    }

    private static ObjectNode withTemplate(String template, String lines) {
        ObjectNode batch = batch("{queueRef: {name: 'orders'}, template: " + template + "}");
        ((ObjectNode) batch.get("spec")).put("lines", lines);
        return batch;
    }

    @Test
    void hasTheLabelsOfTheBatchWithoutThoseOfTools() throws IOException {
        ObjectNode batch = withTemplate("{}", "{}\n{}");
        ((ObjectNode) batch.path("metadata"))
                .set(
                        "labels",
                        TestingTasks.json(
                                "{team: 'billing', 'helm.sh/chart': 'shop-1', 'app.kubernetes.io/managed-by': 'Helm'}"));
        JsonNode letters =
                TaskJson.MAPPER.readTree(draft(batch, failed(2, 1), null).json());
        assertThat(letters.at("/metadata/labels")).isEqualTo(TestingTasks.json("{team: 'billing'}"));
    }

    @Test
    void holdsTheFailedItemsAndTheirOrigin() throws IOException {
        ObjectNode batch = withTemplate("{dispatchDeadline: '60s', httpRequest: {path: '/invoice'}}", """
                {"key": "a"}
                {"key": "b", "path": "/b", "headers": {"X-A": "1"}, "body": {"n":  1.50}, "delay": "5s"}
                {"body": "text", "scheduleTime": "2026-11-20T08:00:05Z"}
                {"bodyBase64": "/wA="}""");
        BatchDeadLetterDraft.Draft draft = draft(batch, failed(4, 1, 2, 3), null);
        assertThat(draft.name()).isEqualTo("invoices-dl-5f0c6c1e-1");
        assertThat(draft.indexes()).isEqualTo(bits(1, 2, 3));
        ObjectNode json = (ObjectNode) TaskJson.MAPPER.readTree(draft.json());
        ((ObjectNode) json.get("spec")).remove("lines");
        assertThat(json).isEqualTo(TestingTasks.json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'TaskBatch',
                 metadata: {namespace: 'shop', name: 'invoices-dl-5f0c6c1e-1', annotations: {'taskqueue.dev/batch-uid': '%s'}},
                 spec: {queueRef: {name: 'graveyard'}, template: {dispatchDeadline: '60s', httpRequest: {path: '/invoice'}}}}
                """.formatted(UID)));
        ItemList letters = items(created(draft));
        assertThat(letters.total()).isEqualTo(3);
        assertThat(letters.hasOwnTimes()).isFalse();
        assertThat(letters.item(0).deadLetterOf())
                .isEqualTo(new DeadLetterOf("orders", "invoices", UID, "NonRetryable", 1, 422, 1));
        assertThat(letters.item(0).headers()).isEqualTo(Map.of("X-A", "1"));
        assertThat(letters.item(0).path()).isEqualTo("/b");
        assertThat(letters.key(0)).isEqualTo("b");
        assertThat(letters.item(0).isJson()).isTrue();
        assertThat(body(letters.item(0))).isEqualTo("{\"n\":  1.50}");
        assertThat(letters.item(1).isJson()).isFalse();
        assertThat(body(letters.item(1))).isEqualTo("text");
        assertThat(letters.item(2).body()).containsExactly(255, 0);
        assertThat(BatchDeadLetterDraft.isPossible(letters)).isFalse();
        assertThat(BatchDeadLetterDraft.isPossible(items(batch))).isTrue();
    }

    private static String body(Item item) {
        return new String(Objects.requireNonNull(item.body()), StandardCharsets.UTF_8);
    }

    @Test
    void aQueueThatOnlyFillsInLeavesTheItemsTheirParts() throws IOException {
        ObjectNode batch =
                withTemplate("{httpRequest: {json: {a: 1}}}", "{\"path\": \"/b\", \"headers\": {\"X-KEY\": \"1\"}}");
        HttpTarget target = TestingTasks.read("""
                {path: '/queue', method: 'PUT', headers: {A: 'b'}, secretHeaders: [{name: 'X-Key', secretKeyRef: {name: 'a', key: 'b'}}]}
                """, HttpTarget.class);
        ObjectNode created = created(draft(batch, failed(1, 0), target));
        assertThat(created.path("spec").path("template").path("httpRequest")).isEqualTo(TestingTasks.json("""
                {path: '/queue', method: 'PUT', headers: {A: 'b'}, json: {a: 1},
                 secretHeaders: [{name: 'X-Key', secretKeyRef: {name: 'a', key: 'b'}}]}"""));
        Item item = items(created).item(0);
        assertThat(item.path()).isEqualTo("/b");
        assertThat(item.headers()).isEqualTo(Map.of("X-KEY", "1"));
        var laid = ItemRequest.of(BatchReader.read(created).spec().request(), item);
        assertThat(laid.path()).isEqualTo("/b");
        assertThat(laid.headers()).isEqualTo(Map.of("A", "b", "X-KEY", "1"));
        assertThat(laid.secretHeaders()).isEmpty();
    }

    @Test
    void whatTheQueueReplacedIsLeftOut() throws IOException {
        ObjectNode batch = withTemplate("{httpRequest: {headers: {C: 'd'}}}", """
                {"path": "/b", "headers": {"X-Key": "1", "a": "2", "authorization": "3", "Other": "4"}, "body": 1}""");
        HttpTarget target = TestingTasks.read("""
                {mode: 'Always', path: '/queue', method: 'GET', headers: {A: 'b'}, serviceAccountToken: {serviceAccountName: 'sa'},
                 secretHeaders: [{name: 'x-key', secretKeyRef: {name: 'a', key: 'b'}}]}
                """, HttpTarget.class);
        ObjectNode created = created(draft(batch, failed(1, 0), target));
        Item item = items(created).item(0);
        assertThat(item.path()).isNull();
        assertThat(item.headers()).isEqualTo(Map.of("Other", "4"));
        assertThat(item.body()).isNull();
        assertThat(created.path("spec")
                        .path("template")
                        .path("httpRequest")
                        .path("path")
                        .asText())
                .isEqualTo("/queue");
    }

    @Test
    void whatDoesNotFitIsLeftForTheNextOne() throws IOException {
        String body = "x".repeat(700);
        ObjectNode batch = lines(("{\"body\": \"" + body + "\"}\n").repeat(1000));
        var all = new int[1000];
        for (int i = 0; i < 1000; i++) {
            all[i] = i;
        }
        BatchProgress progress = failed(1000, all);
        BatchDeadLetterDraft.Draft first = draft(batch, progress, null);
        assertThat(first.indexes().cardinality()).isBetween(800, 950);
        assertThat(items(created(first)).total()).isEqualTo(first.indexes().cardinality());
        progress.deadLettered(first.indexes());
        BitSet rest = progress.failed();
        rest.andNot(first.indexes());
        BatchDeadLetterDraft.Draft second = BatchDeadLetterDraft.of(
                BatchReader.read(batch),
                items(batch),
                progress,
                null,
                new BatchDeadLetterDraft.Goal("graveyard", rest));
        assertThat(second.name()).isEqualTo("invoices-dl-5f0c6c1e-2");
        assertThat(second.indexes()).isEqualTo(rest);
        assertThat(created(second).path("spec").path("lines").asText()).hasSizeLessThanOrEqualTo(786_432);
    }

    /** Line breaks and what means something in HTML take much more room where they are stored. */
    @Test
    void theRoomIsThatOfTheStoredObject() throws IOException {
        ObjectNode batch = lines(("{\"body\": \"" + "<".repeat(600) + "\"}\n").repeat(383));
        var all = new int[383];
        for (int i = 0; i < 383; i++) {
            all[i] = i;
        }
        BatchDeadLetterDraft.Draft draft = draft(batch, failed(383, all), null);
        assertThat(draft.indexes().cardinality()).isBetween(300, 382);
        assertThat(BatchReader.read(created(draft)).storedBytes()).isBetween(1_380_000, 1_400_000);
    }

    @Test
    void anObjectThatExistsTellsWhichItemsItHas() throws IOException {
        ObjectNode batch = lines("{}\n{}\n{}\n");
        var id = new BatchId("shop", "invoices", UID);
        ObjectNode created = created(draft(batch, failed(3, 0, 2), null));
        assertThat(BatchDeadLetterDraft.indexesIn(created, id)).isEqualTo(bits(0, 2));
        assertThat(BatchDeadLetterDraft.indexesIn(created, new BatchId("shop", "invoices", "uid-3"))
                        .isEmpty())
                .isTrue();
        ((ObjectNode) created.get("spec")).put("lines", "private");
        assertThat(BatchDeadLetterDraft.indexesIn(created, id).isEmpty()).isTrue();
    }
}
