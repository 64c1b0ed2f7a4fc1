package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.KubectlFailed;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows how a real API server validates, stores, selects and prints a TaskBatch, also one of the largest size. */
class BatchCrdIT {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();
    private static final int MOST_CHARACTERS = 786_432;
    private static final int MOST_ITEMS = 1000;
    private static final int CHUNK = 100;

    /** The longest entry: the attempts before and after a redrive are large, and the next attempt is 30 days away. */
    private static final String RETRY = "%d:10000/10000/10000@2592000+2592000000!503";

    private static ControlPlane plane;
    private String namespace;

    @BeforeAll
    static void start() {
        plane = ControlPlane.shared();
    }

    @BeforeEach
    void ownNamespace() {
        namespace = plane.newNamespace();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{queueRef: {name: a}, lines: '{}'}",
                "{queueRef: {name: a}, items: [{}]}",
                "{queueRef: {name: a}, count: 1000}"
            })
    void eachSpellingIsKeptAndGetsNothingFilledInButItsState(String spec) {
        JsonNode batch = create(spec);
        assertThat(batch.get("spec")).isEqualTo(Manifests.tree(spec));
        assertThat(batch.get("status")).isEqualTo(Manifests.tree("""
                state: Pending
                revision: 0
                conditions:
                - {type: Succeeded, status: Unknown, reason: Pending, message: The operator has not reported on it yet., lastTransitionTime: "1970-01-01T00:00:00Z"}
                """));
    }

    /** The operator reads them, so the API server must not. */
    @Test
    void linesThatAreWrongAreAccepted() {
        create("{queueRef: {name: a}, lines: 'no JSON'}");
    }

    @Test
    void theRecordsReadAndWriteAllOfIt() {
        var typed = JSON.convertValue(Manifests.resource("TaskBatch", Manifests.FULL_BATCH), TaskBatch.class);
        var batch = plane.client().resource(typed).inNamespace(namespace).create();
        assertThat(JSON.convertValue(batch.getSpec(), JsonNode.class)).isEqualTo(Manifests.tree(Manifests.FULL_BATCH));
        assertThat(Objects.requireNonNull(batch.getStatus()).state()).isEqualTo(BatchState.Pending);
        assertThat(batch.toString()).contains("order-tasks").doesNotContain("order 4711");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lines: '{}' | {spec: {lines: '{} '}}",
                "items: [{}] | {spec: {items: [{}, {}]}}",
                "count: 1 | {spec: {count: 2}}",
                "count: 1 | {spec: {maxFailed: 1}}",
                "count: 1 | {spec: {onFinished: {when: Always}}}"
            })
    void theSpecNeverChanges(String items, String patch) {
        String name = name(create("{queueRef: {name: a}, " + items + "}"));
        assertThatThrownBy(() -> plane.kubectl(in(
                        "patch",
                        "tbatch",
                        name,
                        "--type=merge",
                        "-p",
                        Manifests.tree(patch).toString())))
                .isInstanceOf(KubectlFailed.class)
                .hasMessageContaining("the spec of a TaskBatch never changes")
                .hasMessageContaining("taskqueue.dev/run-now")
                .hasMessageContaining("taskqueue.dev/redrive")
                .hasMessageContaining("taskqueue.dev/cancel")
                .hasMessageContaining("create a TaskBatch with another name");
    }

    @Test
    void aBatchOfTheLargestSizeTakesAnnotationsAndTheLargestStatus() {
        String name = name(createLines(lines(MOST_CHARACTERS)));
        plane.kubectl(in("annotate", "tbatch", name, "taskqueue.dev/cancel=test"));
        status(name, largest());
        status(name, Manifests.tree("{state: Failed, retries: {'0': ''}}"));
        JsonNode status = get(name).get("status");
        assertThat(status.at("/state").asText()).isEqualTo("Failed");
        assertThat(status.at("/retries/100").asText()).contains("100:10000/");
        assertThat(status.at("/retries/0").asText()).isEmpty();
    }

    @Test
    void aThousandLinesOfAKilobyteAreRefused() {
        String line = "{\"headers\": {\"X\": \"" + "x".repeat(1000) + "\"}}\n";
        assertThatThrownBy(() -> createLines(line.repeat(MOST_ITEMS)))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(422))
                .hasMessageContaining("spec.lines: Too long: may not be more than " + MOST_CHARACTERS + " bytes");
        createLines(line.repeat(MOST_CHARACTERS / line.length()));
    }

    @Test
    void aHundredItemsTakeAStatus() {
        var spec = Manifests.tree(
                "{queueRef: {name: a}, template: {httpRequest: {serviceAccountToken: {serviceAccountName: a}}}}");
        var items = spec.putArray("items");
        for (int i = 0; i < CHUNK; i++) {
            ObjectNode item = items.addObject().put("key", "k" + i).put("body", "x".repeat(500));
            IntStream.range(0, 16).forEach(h -> item.withObject("/headers").put("X-Header-" + h, "v".repeat(100)));
        }
        String name = name(create(spec));
        status(name, Manifests.tree("{state: Running, progress: 1/100, succeeded: '0'}"));
        assertThat(get(name).at("/status/progress").asText()).isEqualTo("1/100");
    }

    /** The operator commits like this: neither a repetition nor another object of the same name takes it. */
    @Test
    void aCommitWithATestIsAppliedOnce() {
        JsonNode batch = create("{queueRef: {name: a}, count: 1000}");
        String name = name(batch);
        String uid = batch.at("/metadata/uid").asText();
        status(name, Manifests.tree("{revision: 1}"));
        commit(name, uid, 1);
        assertThatThrownBy(() -> commit(name, uid, 1)).hasMessageContaining("the server rejected our request");
        assertThatThrownBy(() -> commit(name, "other", 2)).hasMessageContaining("the server rejected our request");
        assertThat(get(name).at("/status/revision").asInt()).isEqualTo(2);
    }

    private void commit(String name, String uid, int revision) {
        String patch = """
                [{"op": "test", "path": "/metadata/uid", "value": "%s"}, {"op": "test", "path": "/status/revision", "value": %d},
                 {"op": "add", "path": "/status/revision", "value": %d}]
                """.formatted(uid, revision, revision + 1);
        plane.kubectl(in("patch", "tbatch", name, "--subresource=status", "--type=json", "-p", patch));
    }

    @Test
    void theColumnsShowHowFarItIs() {
        String name = name(create("{queueRef: {name: orders}, count: 1000}"));
        assertThat(row(1)).startsWith(name + " orders Pending ");
        status(name, Manifests.tree("""
                state: Running
                progress: 431/1000
                counts: {total: 1000, succeeded: 428, failed: 3, skipped: 7, backingOff: 12}
                nextAttemptTime: "2099-01-01T00:00:00Z"
                conditions:
                - {type: Succeeded, status: "False", reason: ItemsFailed, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
                """));
        assertThat(row(0)).isEqualTo("NAME QUEUE STATE REASON DONE FAILED BACKING-OFF NEXT AGE");
        assertThat(row(1)).startsWith(name + " orders Running ItemsFailed 431/1000 3 12 2099-01-01T00:00:00Z ");
        assertThat(row(0, "-o", "wide"))
                .isEqualTo("NAME QUEUE STATE REASON DONE FAILED BACKING-OFF NEXT AGE SUCCEEDED SKIPPED COMPLETED");
        assertThat(row(1, "-o", "wide")).contains("2099-01-01T00:00:00Z").contains(" 428 7");
    }

    @Test
    void batchesAreSelectedByQueueAndState() {
        String running = name(create("{queueRef: {name: a}, count: 1}"));
        create("{queueRef: {name: b}, count: 1}");
        String waiting = name(create("{queueRef: {name: a}, count: 1}"));
        status(running, Manifests.tree("{state: Running}"));
        assertThat(selected("spec.queueRef.name=a,status.state=Running")).isEqualTo(batch(running));
        assertThat(selected("spec.queueRef.name=a,status.state=Pending")).isEqualTo(batch(waiting));
        assertThat(plane.kubectl(in("get", "taskqueue-all", "-o", "name"))).contains(batch(running), batch(waiting));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{queueRef: {name: a}, items: [{headers: {Host: pa55word}}]}",
                "{queueRef: {name: a}, items: [{headers: {X: \"pa55word\\n\"}}]}",
                "{queueRef: {name: a}, items: [{bodyBase64: pa55word=}]}",
                "{queueRef: {name: a}, template: {httpRequest: {method: GET}}, items: [{body: pa55word}]}",
                "{queueRef: {name: a}, count: 1, lines: pa55word}"
            })
    void aRefusalPrintsNeitherBodiesNorHeaders(String spec) {
        assertThatThrownBy(() -> create(spec))
                .hasMessageContaining("is invalid")
                .hasMessageNotContaining("pa55word");
    }

    /** JSON Lines of exactly so many characters. */
    private static String lines(int characters) {
        String bare = "{\"body\": \"\"}\n";
        int each = characters / MOST_ITEMS - bare.length();
        String lines = ("{\"body\": \"" + "x".repeat(each) + "\"}\n").repeat(MOST_ITEMS);
        return lines + " ".repeat(characters - lines.length());
    }

    /** A status with every item backing off and 50 long failures. */
    private static ObjectNode largest() {
        ObjectNode status = Manifests.tree("{state: Running, revision: 2147483647, progress: 1000/1000}");
        for (int first = 0; first < MOST_ITEMS; first += CHUNK) {
            String entries = IntStream.range(first, first + CHUNK)
                    .mapToObj(RETRY::formatted)
                    .collect(Collectors.joining(" "));
            status.withObject("/retries")
                    .put(String.valueOf(first), entries.substring(0, Math.min(4096, entries.length())));
        }
        for (String ranges : new String[] {"succeeded", "failed", "skipped"}) {
            status.put(
                    ranges,
                    IntStream.range(0, MOST_ITEMS / 2)
                            .mapToObj(i -> String.valueOf(2 * i))
                            .collect(Collectors.joining(",")));
        }
        for (int i = 0; i < 50; i++) {
            status.withArray("/failures")
                    .addObject()
                    .put("index", i)
                    .put("key", "k".repeat(200))
                    .put("message", "m".repeat(256));
        }
        assertThat(status.toString().length()).isBetween(64_000, 80_000);
        return status;
    }

    private JsonNode create(String spec) {
        return create(Manifests.tree(spec));
    }

    private JsonNode createLines(String lines) {
        return create(Manifests.tree("{queueRef: {name: a}}").put("lines", lines));
    }

    private JsonNode create(ObjectNode spec) {
        var created = plane.client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", "TaskBatch")
                .inNamespace(namespace)
                .resource(Manifests.resource("TaskBatch", spec))
                .create();
        return JSON.convertValue(created, JsonNode.class);
    }

    private static String name(JsonNode object) {
        return object.at("/metadata/name").asText();
    }

    private JsonNode get(String name) {
        return JSON.convertValue(
                plane.client()
                        .genericKubernetesResources("taskqueue.dev/v1beta1", "TaskBatch")
                        .inNamespace(namespace)
                        .withName(name)
                        .require(),
                JsonNode.class);
    }

    private void status(String name, ObjectNode status) {
        GenericKubernetesResource patched = plane.client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", "TaskBatch")
                .inNamespace(namespace)
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":" + status + "}");
        assertThat(patched.getMetadata().getName()).isEqualTo(name);
    }

    private String selected(String selector) {
        return plane.kubectl(in("get", "taskbatches.taskqueue.dev", "--field-selector", selector, "-o", "name"));
    }

    private static String batch(String name) {
        return "taskbatch.taskqueue.dev/" + name + "\n";
    }

    /** One line of what kubectl prints, with single spaces. */
    private String row(int line, String... flags) {
        String[] command = new String[flags.length + 2];
        command[0] = "get";
        command[1] = "tbatch";
        System.arraycopy(flags, 0, command, 2, flags.length);
        return plane.kubectl(in(command))
                .lines()
                .toList()
                .get(line)
                .replaceAll(" +", " ")
                .strip();
    }

    private String[] in(String... words) {
        String[] all = new String[words.length + 2];
        System.arraycopy(words, 0, all, 0, words.length);
        all[words.length] = "-n";
        all[words.length + 1] = namespace;
        return all;
    }
}
