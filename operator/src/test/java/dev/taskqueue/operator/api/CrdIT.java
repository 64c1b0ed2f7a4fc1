package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.KubectlFailed;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows how a real API server validates, defaults, stores, selects and prints our kinds. */
class CrdIT {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

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

    @Test
    void aTaskThatNamesOnlyItsQueueGetsNothingFilledInButItsState() {
        JsonNode task = create("Task", "{queueRef: {name: a}}");
        assertThat(task.get("spec")).isEqualTo(Manifests.tree("{queueRef: {name: a}}"));
        assertThat(task.get("status")).isEqualTo(Manifests.tree("""
                state: Pending
                conditions:
                - {type: Succeeded, status: Unknown, reason: Pending, message: The operator has not reported on it yet., lastTransitionTime: "1970-01-01T00:00:00Z"}
                """));
    }

    /** Else Argo CD shows the CRDs as OutOfSync for ever. */
    @ParameterizedTest
    @ValueSource(strings = {"taskqueues", "tasks", "taskbatches"})
    void theApiServerKeepsTheDefinitionAsItIsWritten(String plural) throws IOException {
        String name = plural + ".taskqueue.dev";
        JsonNode written = JSON.unmarshal(
                Files.readString(ControlPlane.repository().resolve("crds/" + name + ".yaml")), JsonNode.class);
        JsonNode kept = JSON.unmarshal(plane.kubectl("get", "crd", name, "-o", "json"), JsonNode.class);
        assertThat(lost(written.get("spec"), kept.get("spec"), "spec")).isEmpty();
    }

    /** The paths of what the second tree lacks, or has with another value. */
    private static List<String> lost(JsonNode written, @Nullable JsonNode kept, String path) {
        if (kept == null || !(written.isContainerNode() && kept.getNodeType() == written.getNodeType())) {
            return written.equals(kept) ? List.of() : List.of(path);
        }
        var lost = new ArrayList<String>();
        written.properties()
                .forEach(field ->
                        lost.addAll(lost(field.getValue(), kept.get(field.getKey()), path + "." + field.getKey())));
        for (int i = 0; written.isArray() && i < written.size(); i++) {
            lost.addAll(lost(written.get(i), kept.get(i), path + "[" + i + "]"));
        }
        return lost;
    }

    @Test
    void aFullTaskIsKeptAsItWasWritten() {
        assertThat(create("Task", Manifests.FULL_TASK).get("spec")).isEqualTo(Manifests.tree(Manifests.FULL_TASK));
    }

    @Test
    void aFullQueueIsKeptAsItWasWritten() {
        assertThat(create("TaskQueue", Manifests.FULL_QUEUE).get("spec"))
                .isEqualTo(Manifests.tree(Manifests.FULL_QUEUE));
    }

    @Test
    void aQueueWithoutASpecGetsEveryDefault() {
        plane.kubectlWithInput(
                "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: a}}", in("create", "-f", "-"));
        JsonNode queue = JSON.unmarshal(plane.kubectl(in("get", "tq", "a", "-o", "json")), JsonNode.class);
        assertThat(queue.get("spec")).isEqualTo(Manifests.defaultQueue());
        assertThat(queue.at("/status/conditions/0/type").asText()).isEqualTo("Ready");
        assertThat(queue.at("/status/conditions/0/status").asText())
                .as("until an operator has looked at it")
                .isEqualTo("Unknown");
        assertThat(queue.get("status")).hasSize(1);
    }

    @Test
    void aQueuesTargetGetsNothingFilledIn() {
        String target = "{httpTarget: {secretHeaders: [{name: X-Key, secretKeyRef: {name: a, key: b}}]}}";
        assertThat(create("TaskQueue", target).at("/spec/httpTarget"))
                .isEqualTo(Manifests.tree(target).get("httpTarget"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "10000", "'0.5'", "500m", "'0.001'", "1k"})
    void everyQuantityFromAThousandthToTenThousandIsARate(String rate) {
        create("TaskQueue", "{rateLimits: {maxDispatchesPerSecond: " + rate + "}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Hostname", "X-Host", "Teapot", "Proxy", "Connection-Id", "Authorization", "Idempotency-Key"})
    void headersThatOnlyLookRefusedAreAccepted(String name) {
        create("Task", "{queueRef: {name: a}, httpRequest: {headers: {" + name + ": a}}}");
    }

    @Test
    void bodiesOfExactly256KibAreAccepted() {
        create("Task", "{queueRef: {name: a}, httpRequest: {body: " + "x".repeat(262_144) + "}}");
        String encoded = "AAAA".repeat(87_381) + "AA==";
        create("Task", "{queueRef: {name: a}, httpRequest: {bodyBase64: " + encoded + "}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "false",
                "0",
                "[]",
                "{}",
                "''",
                "9223372036854775807",
                "{b: {é: [1, null, {x: null}]}, a: 0.1}",
                "{metadata: {name: any}, apiVersion: v1}"
            })
    void anyJsonButNullIsKeptAsItIs(String json) {
        JsonNode spec = create("Task", "{queueRef: {name: a}, httpRequest: {json: " + json + "}}")
                .get("spec");
        assertThat(spec.at("/httpRequest/json"))
                .isEqualTo(Manifests.tree("{a: " + json + "}").get("a"));
    }

    @Test
    void jsonNeverChangesLikeTheRestOfTheSpec() {
        String name = name(create("Task", "{queueRef: {name: a}, httpRequest: {json: {a: [1]}}}"));
        plane.kubectl(in("annotate", "qtask", name, "a=b"));
        status(name, "{dispatchCount: 1}");
        assertThatThrownBy(() -> plane.kubectl(in(
                        "patch", "qtask", name, "--type=merge", "-p", json("{spec: {httpRequest: {json: {a: [2]}}}}"))))
                .hasMessageContaining("the spec of a Task never changes");
    }

    @Test
    void aBodyMayStandWithoutAMethodBecauseTheDefaultIsPost() {
        create("Task", "{queueRef: {name: a}, httpRequest: {body: a}}");
    }

    @Test
    void theRecordsReadAndWriteAllOfIt() {
        var typed = JSON.convertValue(Manifests.resource("Task", Manifests.FULL_TASK), Task.class);
        var task = plane.client().resource(typed).inNamespace(namespace).create();
        assertThat(JSON.convertValue(task.getSpec(), JsonNode.class)).isEqualTo(Manifests.tree(Manifests.FULL_TASK));
        assertThat(Objects.requireNonNull(task.getStatus()).state()).isEqualTo(TaskState.Pending);
        var queue = JSON.convertValue(Manifests.resource("TaskQueue", Manifests.FULL_QUEUE), TaskQueue.class);
        assertThat(JSON.convertValue(
                        plane.client()
                                .resource(queue)
                                .inNamespace(namespace)
                                .create()
                                .getSpec(),
                        JsonNode.class))
                .isEqualTo(Manifests.tree(Manifests.FULL_QUEUE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{spec: {delay: 2s}}",
                "{spec: {ttlAfterFinished: 1h}}",
                "{spec: {httpRequest: null}}",
                "{spec: {queueRef: {name: b}}}"
            })
    void theSpecOfATaskNeverChanges(String patch) {
        String name = name(create("Task", "{queueRef: {name: a}, delay: 1s, httpRequest: {body: x}}"));
        assertThatThrownBy(() -> plane.kubectl(in("patch", "qtask", name, "--type=merge", "-p", json(patch))))
                .isInstanceOf(KubectlFailed.class)
                .hasMessageContaining("the spec of a Task never changes")
                .hasMessageContaining("taskqueue.dev/run-now")
                .hasMessageContaining("taskqueue.dev/redrive")
                .hasMessageContaining("create a Task with another name");
    }

    @Test
    void annotationsAndStatusOfATaskMayChange() {
        String name = name(create("Task", "{queueRef: {name: a}}"));
        plane.kubectl(in("annotate", "qtask", name, "taskqueue.dev/run-now=1"));
        status(name, "{dispatchCount: 1}");
        assertThat(plane.kubectl(in("get", "qtask", name, "-o", "jsonpath={.status.dispatchCount}")))
                .isEqualTo("1");
    }

    @Test
    void tasksAreSelectedByQueueAndState() {
        String failed = name(create("Task", "{queueRef: {name: a}}"));
        create("Task", "{queueRef: {name: b}}");
        String waiting = name(create("Task", "{queueRef: {name: a}}"));
        status(failed, "{state: Failed}");
        assertThat(selected("spec.queueRef.name=a,status.state=Failed")).isEqualTo(task(failed));
        assertThat(selected("spec.queueRef.name=a,status.state=Pending")).isEqualTo(task(waiting));
    }

    @Test
    void aTaskShowsItsColumns() {
        String name = name(create("Task", "{queueRef: {name: a}, httpRequest: {serviceRef: {name: worker}}}"));
        status(name, """
                state: BackingOff
                dispatchCount: 3
                nextAttemptTime: "2099-01-01T00:00:00Z"
                lastAttempt: {number: 3, statusCode: 503}
                conditions:
                - {type: Succeeded, status: Unknown, reason: BackingOff, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
                """);
        assertThat(table("qtask"))
                .containsSubsequence("NAME", "QUEUE", "STATE", "REASON", "ATTEMPTS", "CODE", "NEXT", "AGE", "\n")
                .containsSubsequence(
                        name, " a ", "BackingOff", "BackingOff", " 3 ", "503", "2099-01-01T00:00:00Z", "\n");
        assertThat(table("qtask", "-o", "wide"))
                .containsSubsequence("AGE", "TARGET", "COMPLETED", "\n")
                .containsSubsequence(name, "2099-01-01T00:00:00Z", "worker");
    }

    @Test
    void aQueueShowsItsColumns() {
        create("TaskQueue", "{}");
        assertThat(table("tq").lines())
                .first(STRING)
                .isEqualToNormalizingWhitespace("NAME READY STATE RATE CONCURRENCY TASKS DISPATCHING BLOCKED AGE");
        assertThat(table("tq")).containsSubsequence("\n", "500", "1000");
        assertThat(table("tq", "-o", "wide")).containsSubsequence("AGE", "ENFORCED", "OLDEST", "FAILED", "REASON");
    }

    @Test
    void aTaskThatNobodyHasReportedOnSaysSo() {
        String name = name(create("Task", "{queueRef: {name: a}}"));
        assertThat(table("qtask")).containsSubsequence(name, "Pending", "Pending");
        assertThat(plane.kubectl(in(
                        "get", "qtask", name, "-o", "jsonpath={.status.conditions[?(@.type=='Succeeded')].message}")))
                .isEqualTo("The operator has not reported on it yet.");
    }

    @Test
    void bothKindsStandInTheCategory() {
        create("Task", "{queueRef: {name: a}}");
        create("TaskQueue", "{}");
        assertThat(plane.kubectl(in("get", "taskqueue-all", "-o", "name")))
                .contains("task.taskqueue.dev/", "taskqueue.taskqueue.dev/");
        assertThat(plane.kubectl(in("get", "all", "-o", "name")))
                .as("Tasks are too many for it")
                .contains("taskqueue.taskqueue.dev/")
                .doesNotContain("task.taskqueue.dev/it-");
    }

    @Test
    void theSingularOfAQueueIsNoCategory() {
        String name = name(create("TaskQueue", "{}"));
        assertThat(plane.kubectl(in("get", "taskqueue", name, "-o", "name")))
                .isEqualTo("taskqueue.taskqueue.dev/" + name + "\n");
        assertThat(plane.kubectl(in("describe", "taskqueue", name))).contains(name);
        plane.kubectl(in("annotate", "taskqueue", name, "taskqueue.dev/hold=test"));
        plane.kubectl(in("delete", "taskqueue", name));
        assertThat(plane.kubectl(in("get", "taskqueue", "-o", "name"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "task.spec.httpRequest.body, at most 256 KiB",
        "task.spec.scheduleTime, it is never sent earlier",
        "task, through a TaskQueue",
        "taskqueue.spec.retry.maxDoublings, Default 16",
        "task.status.conditions.reason, in one word for programs",
        "taskbatch.spec.lines, one JSON object a line",
        "taskbatch.spec.items.headers, At most 16",
        "taskbatch.spec.onFinished.httpRequest.headers, As template.httpRequest.headers"
    })
    void explainIsTheManual(String field, String words) {
        String text = plane.kubectl("explain", field, "--api-version=taskqueue.dev/v1beta1");
        assertThat(text.replaceAll("\\s+", " ")).contains(words, "Example: ");
    }

    private JsonNode create(String kind, String spec) {
        var created = plane.client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", kind)
                .inNamespace(namespace)
                .resource(Manifests.resource(kind, spec))
                .create();
        return JSON.convertValue(created, JsonNode.class);
    }

    private static String name(JsonNode object) {
        return object.at("/metadata/name").asText();
    }

    private void status(String task, String status) {
        plane.kubectl(in(
                "patch",
                "qtask",
                task,
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":" + json(status) + "}"));
    }

    private String selected(String selector) {
        return plane.kubectl(in("get", "tasks.taskqueue.dev", "--field-selector", selector, "-o", "name"));
    }

    private static String task(String name) {
        return "task.taskqueue.dev/" + name + "\n";
    }

    private String table(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "get";
        System.arraycopy(words, 0, command, 1, words.length);
        return plane.kubectl(in(command));
    }

    private String[] in(String... words) {
        String[] all = new String[words.length + 2];
        System.arraycopy(words, 0, all, 0, words.length);
        all[words.length] = "-n";
        all[words.length + 1] = namespace;
        return all;
    }

    private static String json(String yaml) {
        return Manifests.tree(yaml).toString();
    }
}
