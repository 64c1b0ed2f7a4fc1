package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.KubectlFailed;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tests objects that were created before a rule of the CRDs existed: their status and annotations can be written after the upgrade. The CRDs use
 * their own API group, so that the other CRDs of this control plane stay as they are.
 */
class CrdUpgradeIT {
    private static final String GROUP = "upgrade.taskqueue.test";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    /** Times that the API server accepts as a date-time but CEL or Java does not, and times that CEL accepts but a rule refuses now. */
    private static final Map<String, String> TIMES = new LinkedHashMap<>(Map.of(
            "small-z", "2026-11-29T01:00:00z",
            "small-t", "2026-11-29t01:00:00Z",
            "comma", "2026-11-21T05:00:00,5Z",
            "digits", "2026-11-21T05:00:00.1234567890123Z",
            "offset-23", "2026-11-21T05:00:00+23:59",
            "offset-24", "2026-11-21T05:00:00+24:00",
            "year-0", "0000-01-01T00:00:00Z",
            "year-10000", "9999-12-31T23:59:59-01:00",
            "tail", "2026-11-21T05:00:00Ztail"));

    private static ControlPlane plane;
    private static String namespace;

    @BeforeAll
    static void createUnderTheOldRulesThenUpgrade() {
        plane = ControlPlane.shared();
        namespace = plane.newNamespace();
        apply(old(Task.class));
        apply(old(TaskQueue.class));
        apply(old(TaskBatch.class));
        TIMES.forEach((name, time) -> {
            create("Task", name, "{queueRef: {name: a}, scheduleTime: '" + time + "'}");
            create("Task", name + "-expire", "{queueRef: {name: a}, expireTime: '" + time + "'}");
            create("TaskQueue", name, "{purgeBefore: '" + time + "'}");
            create("TaskBatch", name, "{queueRef: {name: a}, count: 1, scheduleTime: '" + time + "'}");
            create("TaskBatch", name + "-expire", "{queueRef: {name: a}, count: 1, expireTime: '" + time + "'}");
        });
        create(
                "Task",
                "order",
                "{queueRef: {name: a}, scheduleTime: '2026-11-29T03:00:00Z', expireTime: '2026-11-29T02:30:00Z'}");
        assertThatThrownBy(() -> writeStatus("tasks", "small-z", "{state: Succeeded}"))
                .as("what this is about")
                .hasMessageContaining("evaluating rule");
        apply(ours(Task.class));
        apply(ours(TaskQueue.class));
        apply(ours(TaskBatch.class));
        Awaitility.await()
                .ignoreExceptionsInstanceOf(KubectlFailed.class)
                .untilAsserted(() -> assertThatThrownBy(() -> create(
                                "Task", "late", "{queueRef: {name: a}, scheduleTime: tomorrow}", "--dry-run=server"))
                        .hasMessageContaining("write a time of the calendar"));
    }

    @AfterAll
    static void remove() {
        plane.kubectl("delete", "crd", "tasks." + GROUP, "taskqueues." + GROUP, "taskbatches." + GROUP, "--wait=false");
    }

    @Test
    void theStatusOfATaskWithATimeThatIsRefusedNowCanBeWritten() {
        TIMES.keySet().forEach(name -> {
            writeStatus("tasks", name, "{state: Succeeded, dispatchCount: 1}");
            writeStatus("tasks", name + "-expire", "{state: Succeeded, dispatchCount: 1}");
            assertThat(get("tasks", name, "{.status.state}")).isEqualTo("Succeeded");
        });
        writeStatus("tasks", "order", "{state: Failed}");
        assertThat(get("tasks", "order", "{.status.state}")).isEqualTo("Failed");
    }

    @Test
    void itCanBeAnnotatedAndItsSpecStillNeverChanges() {
        TIMES.keySet().forEach(name -> {
            plane.kubectl("annotate", "tasks." + GROUP, name, "taskqueue.dev/redrive=1", "-n", namespace);
            assertThatThrownBy(() -> patch("tasks", name, "{\"spec\":{\"delay\":\"1s\"}}"))
                    .hasMessageContaining("the spec of a Task never changes");
        });
    }

    @Test
    void theStatusOfABatchWithSuchATimeCanBeWrittenAndItsSpecNeverChanges() {
        TIMES.keySet().forEach(name -> {
            writeStatus("taskbatches", name, "{state: Running, progress: 0/1}");
            writeStatus("taskbatches", name + "-expire", "{state: Running, progress: 0/1}");
            assertThat(get("taskbatches", name, "{.status.state}")).isEqualTo("Running");
            plane.kubectl("annotate", "taskbatches." + GROUP, name, "taskqueue.dev/redrive=1", "-n", namespace);
            assertThatThrownBy(() -> patch("taskbatches", name, "{\"spec\":{\"delay\":\"1s\"}}"))
                    .hasMessageContaining("the spec of a TaskBatch never changes");
        });
    }

    @Test
    void aQueueWithSuchATimeCanBeEditedAndItsStatusWritten() {
        TIMES.keySet().forEach(name -> {
            patch("taskqueues", name, "{\"spec\":{\"state\":\"Paused\"}}");
            writeStatus("taskqueues", name, "{state: Paused}");
            assertThat(get("taskqueues", name, "{.spec.state}{.status.state}")).isEqualTo("PausedPaused");
        });
    }

    private static void apply(ObjectNode crd) {
        plane.kubectlWithInput(YAML.asYaml(crd), "apply", "--server-side", "--force-conflicts", "-f", "-");
        plane.kubectl(
                "wait",
                "--for=condition=Established",
                "--timeout=30s",
                "crd/" + crd.at("/metadata/name").asText());
    }

    /** The CRD with its own group, and without the short names and categories of the other CRDs. */
    private static ObjectNode ours(Class<? extends io.fabric8.kubernetes.client.CustomResource<?, ?>> kind) {
        ObjectNode crd = CrdWriter.crd(kind);
        String plural = crd.at("/spec/names/plural").asText();
        ((ObjectNode) crd.get("metadata")).put("name", plural + "." + GROUP);
        ((ObjectNode) crd.get("spec")).put("group", GROUP);
        ObjectNode names = (ObjectNode) crd.at("/spec/names");
        names.remove("shortNames");
        names.remove("categories");
        return crd;
    }

    /** The CRD before the upgrade: times of a spec were date-times and had no rules. */
    private static ObjectNode old(Class<? extends io.fabric8.kubernetes.client.CustomResource<?, ?>> kind) {
        ObjectNode crd = ours(kind);
        ObjectNode spec = (ObjectNode) crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
        for (JsonNode field : spec.get("properties")) {
            if (field.path("pattern").asText().equals(SpecTimeText.PATTERN)) {
                ((ObjectNode) field).remove("pattern");
                ((ObjectNode) field).remove("x-kubernetes-validations");
                ((ObjectNode) field).put("format", "date-time");
            }
        }
        for (var rules = spec.path("x-kubernetes-validations").iterator(); rules.hasNext(); ) {
            if (rules.next().path("rule").asText().equals(Rules.EXPIRES_IN_ORDER)) {
                rules.remove();
            }
        }
        return crd;
    }

    private static void create(String kind, String name, String spec, String... flags) {
        String object = "{apiVersion: %s/v1beta1, kind: %s, metadata: {name: %s, namespace: %s}, spec: %s}"
                .formatted(GROUP, kind, name, namespace, spec);
        String[] command = new String[flags.length + 3];
        command[0] = "create";
        command[1] = "-f";
        command[2] = "-";
        System.arraycopy(flags, 0, command, 3, flags.length);
        plane.kubectlWithInput(object, command);
    }

    private static void writeStatus(String resource, String name, String status) {
        patch(resource, name, "{\"status\":" + Manifests.tree(status) + "}", "--subresource=status");
    }

    private static void patch(String resource, String name, String patch, String... flags) {
        String[] command = new String[flags.length + 8];
        System.arraycopy(
                new String[] {"patch", resource + "." + GROUP, name, "-n", namespace, "--type=merge", "-p", patch},
                0,
                command,
                0,
                8);
        System.arraycopy(flags, 0, command, 8, flags.length);
        plane.kubectl(command);
    }

    private static String get(String resource, String name, String path) {
        return plane.kubectl("get", resource + "." + GROUP, name, "-n", namespace, "-o", "jsonpath=" + path);
    }
}
