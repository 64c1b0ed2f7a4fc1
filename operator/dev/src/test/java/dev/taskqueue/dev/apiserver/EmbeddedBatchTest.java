package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the operator and kubectl do with TaskBatches. */
class EmbeddedBatchTest {
    private static final String BATCHES = "/apis/taskqueue.dev/v1beta1/namespaces/default/taskbatches";
    private static final String BATCH = "{metadata: {name: %s}, spec: {queueRef: {name: %s}, count: 1000}}";
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final String TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1";
    private static final int MOST_CHARACTERS = 786_432;

    private final EmbeddedApiServer server =
            EmbeddedApiServer.start(0, InstantSource.fixed(Instant.parse("2026-11-21T09:00:00Z")));
    private final Http http = new Http(server.url());

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private ObjectNode create(String yaml) {
        Http.Reply reply = http.post(BATCHES, yaml);
        assertThat(reply.code()).as(reply.body().toString()).isEqualTo(201);
        return (ObjectNode) reply.body();
    }

    @Test
    void aBatchOfTheLargestSizeTakesAStatusAndALargerOneIsRefused() {
        ObjectNode batch = Trees.object("TaskBatch", "a", "{queueRef: {name: q}}");
        batch.withObject("/spec").put("lines", "x".repeat(MOST_CHARACTERS));
        create(batch.toString());
        Http.Reply patched = http.patch(BATCHES + "/a/status", "merge-patch", "{status: {progress: 1/1000}}");
        assertThat(patched.body().at("/status/progress").asText()).isEqualTo("1/1000");
        batch.withObject("/spec").put("lines", "x".repeat(MOST_CHARACTERS + 1));
        Http.Reply refused = http.post(BATCHES, batch.toString());
        assertThat(refused.code()).isEqualTo(422);
        assertThat(refused.body().path("message").asText())
                .contains("spec.lines: Too long: may not be more than 786432 bytes");
    }

    /** The operator commits like this: a repetition, or another object of the name, changes nothing. */
    @Test
    void aJsonPatchWithATestIsAppliedOnce() {
        String uid = Metadata.uid(create(BATCH.formatted("a", "q")));
        http.patch(BATCHES + "/a/status", "merge-patch", "{status: {revision: 1}}");
        String commit = """
                [{op: test, path: /metadata/uid, value: %s}, {op: test, path: /status/revision, value: 1},
                 {op: add, path: /status/revision, value: 2}, {op: add, path: /status/succeeded, value: "0-41"}]
                """.formatted(uid);
        Http.Reply first = http.patch(BATCHES + "/a/status", "json-patch", commit, METADATA);
        assertThat(first.code()).isEqualTo(200);
        assertThat(first.body().path("kind").asText()).isEqualTo("PartialObjectMetadata");
        assertThat(first.body().has("status")).isFalse();
        assertThat(http.patch(BATCHES + "/a/status", "json-patch", commit, METADATA)
                        .code())
                .isEqualTo(422);
        String other = commit.replace(uid, "other").replace("value: 1}", "value: 2}");
        assertThat(http.patch(BATCHES + "/a/status", "json-patch", other).code())
                .isEqualTo(422);
        JsonNode status = http.get(BATCHES + "/a").body().path("status");
        assertThat(status.path("revision").asInt()).isEqualTo(2);
        assertThat(status.path("succeeded").asText()).isEqualTo("0-41");
    }

    @Test
    void listAndWatchShowMetadataAloneIfAsked() {
        create(BATCH.formatted("a", "q"));
        JsonNode list = http.get(BATCHES, METADATA).body();
        assertThat(list.path("kind").asText()).isEqualTo("PartialObjectMetadataList");
        String version = list.at("/metadata/resourceVersion").asText();
        http.patch(BATCHES + "/a", "merge-patch", "{metadata: {annotations: {taskqueue.dev/cancel: x}}}");
        List<JsonNode> events = new ArrayList<>();
        try (var watch = http.watch(
                BATCHES + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=" + version,
                METADATA)) {
            watch.forEach(events::add);
        }
        assertThat(events).extracting(event -> event.path("type").asText()).contains("BOOKMARK", "MODIFIED");
        assertThat(events)
                .extracting(event -> event.path("object"))
                .allMatch(object -> object.path("kind").asText().equals("PartialObjectMetadata"))
                .noneMatch(object -> object.has("spec") || object.has("status"));
    }

    @Test
    void theColumnsShowHowFarItIsAndTheStateIsSelected() {
        create(BATCH.formatted("a", "q"));
        create(BATCH.formatted("b", "q"));
        create(BATCH.formatted("c", "other"));
        http.patch(
                BATCHES + "/b/status",
                "merge-patch",
                "{status: {state: Running, progress: 431/1000, counts: {failed: 3, backingOff: 12}}}");
        JsonNode table = http.get(BATCHES + "?fieldSelector=spec.queueRef.name%3Dq,status.state%3DRunning", TABLE)
                .body();
        assertThat(table.path("columnDefinitions"))
                .extracting(column -> column.path("name").asText())
                .startsWith("Name", "Queue", "State", "Reason", "Done", "Failed", "Backing-Off", "Next", "Age");
        assertThat(table.path("rows")).hasSize(1);
        assertThat(table.at("/rows/0/cells"))
                .extracting(JsonNode::asText)
                .startsWith("b", "q", "Running", "Pending", "431/1000", "3", "12", "null");
    }
}
