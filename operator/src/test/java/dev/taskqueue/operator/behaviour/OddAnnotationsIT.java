package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The API server accepts any text in annotations, ConfigMaps and Secrets. Each odd value does what it can do, or its own Task says why not. No Task and
 * no queue waits because of the value of another one.
 */
class OddAnnotationsIT {
    private static final List<String> VALUES = List.of(
            "",
            " ",
            "\n",
            "\u0000",
            "\u001b[31m",
            "\u2028",
            "null",
            "{}",
            "[",
            "\"",
            "\\u0000",
            "-1",
            "\ud83d\ude00",
            "x".repeat(257),
            "\u00e4".repeat(100_000),
            "sha256:" + "0".repeat(64),
            "2036-11-21t09:00:00z",
            "+10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "2036-11-21T09:00:00+24:00");

    private static final String REQUEST = "httpRequest: {serviceRef: {name: worker}}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("orders", "{retry: {maxAttempts: 1}}");
        cluster.operator();
    }

    @Test
    void anyValueRunsATaskNow() {
        for (int i = 0; i < VALUES.size(); i++) {
            create("Task", "run-" + i, Map.of("taskqueue.dev/run-now", VALUES.get(i)), "delay", "24h");
        }
        for (int i = 0; i < VALUES.size(); i++) {
            JsonNode status = cluster.awaitState("run-" + i, "Succeeded");
            assertThat(status.path("lastHandledRunNow").isTextual()).isTrue();
        }
        assertThat(worker.tasks()).doesNotHaveDuplicates().hasSize(VALUES.size());
    }

    @Test
    void anyValueStartsAFailedTaskAgainOnce() {
        worker.codes(500, 200);
        for (int i = 0; i < VALUES.size(); i++) {
            create("Task", "again-" + i, Map.of(), "delay", "0s");
        }
        for (int i = 0; i < VALUES.size(); i++) {
            cluster.awaitState("again-" + i, "Failed");
            annotate("again-" + i, VALUES.get(i));
        }
        for (int i = 0; i < VALUES.size(); i++) {
            JsonNode status = cluster.awaitState("again-" + i, "Succeeded");
            assertThat(status.path("dispatchCount").asInt()).isEqualTo(2);
        }
    }

    @Test
    void aKeyOrACompletionThatMeansNothingKeepsNoTaskFromBeingSent() {
        for (int i = 0; i < VALUES.size(); i++) {
            String value = VALUES.get(i);
            create("Task", "key-" + i, Map.of("taskqueue.dev/key", value), "delay", "0s");
            create("Task", "completed-" + i, Map.of("taskqueue.dev/completed", value), "delay", "0s");
        }
        create("Task", "neighbour", Map.of(), "delay", "0s");
        for (int i = 0; i < VALUES.size(); i++) {
            cluster.awaitState("key-" + i, "Succeeded");
            cluster.awaitState("completed-" + i, "Succeeded");
        }
        cluster.awaitState("neighbour", "Succeeded");
        assertThat(worker.tasks()).hasSize(2 * VALUES.size() + 1);
    }

    @Test
    void anyHoldHoldsItsOwnQueueAlone() {
        for (int i = 0; i < VALUES.size(); i++) {
            String value = VALUES.get(i);
            create("TaskQueue", "hold-" + i, Map.of("taskqueue.dev/hold", value), "state", "Running");
            create(
                    "TaskQueue",
                    "until-" + i,
                    Map.of("taskqueue.dev/hold", "Bob", "taskqueue.dev/hold-until", value),
                    "state",
                    "Running");
            create("TaskQueue", "redrive-" + i, Map.of("taskqueue.dev/redrive", value), "state", "Running");
            cluster.task("of-redrive-" + i, "{queueRef: {name: redrive-%d}, %s}".formatted(i, REQUEST));
            cluster.task("of-hold-" + i, "{queueRef: {name: hold-%d}, %s}".formatted(i, REQUEST));
        }
        for (int i = 0; i < VALUES.size(); i++) {
            cluster.awaitQueueState("hold-" + i, "Held");
            JsonNode until = cluster.awaitQueueState("until-" + i, "Held");
            assertThat(until.at("/conditions").toString()).contains("Held: Bob");
            cluster.awaitQueue(
                    "redrive-" + i,
                    status -> status.at("/redrive/completionTime").isTextual());
            cluster.awaitState("of-redrive-" + i, "Succeeded");
        }
        assertThat(worker.tasks())
                .allMatch(name -> name.startsWith("of-redrive-"))
                .hasSize(VALUES.size());
    }

    @Test
    void anyContentOfAKeyIsSentOrItsOwnTaskSaysWhyNot() {
        var data = new TreeMap<String, String>();
        for (int i = 0; i < VALUES.size(); i++) {
            data.put("k" + i, VALUES.get(i));
        }
        cluster.plane()
                .client()
                .configMaps()
                .inNamespace(cluster.namespace())
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("sources")
                        .endMetadata()
                        .withData(data)
                        .build())
                .create();
        for (int i = 0; i < VALUES.size(); i++) {
            String from = "configMapKeyRef: {name: sources, key: k%d}".formatted(i);
            cluster.task(
                    "body-" + i,
                    "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, bodyFrom: {%s}}}"
                            .formatted(from));
            cluster.task(
                    "ca-" + i,
                    "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, scheme: HTTPS, tls: {caFrom: {%s}}}}"
                            .formatted(from));
        }
        for (int i = 0; i < VALUES.size(); i++) {
            cluster.awaitState("body-" + i, "Succeeded");
            String name = "body-" + i;
            await().until(() -> !worker.received(name).isEmpty());
            assertThat(worker.received(name).getFirst().text()).isEqualTo(VALUES.get(i));
            assertThat(StatusConditions.message(cluster.awaitReason("ca-" + i, "SourceNotFound")))
                    .startsWith("Key k" + i + " of ConfigMap ");
        }
    }

    private void create(String kind, String name, Map<String, String> annotations, String field, String value) {
        var object = new GenericKubernetesResource();
        object.setApiVersion("taskqueue.dev/v1beta1");
        object.setKind(kind);
        object.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withAnnotations(annotations)
                .build());
        object.setAdditionalProperty(
                "spec",
                kind.equals("Task")
                        ? Map.of(
                                "queueRef",
                                Map.of("name", "orders"),
                                "httpRequest",
                                Map.of("serviceRef", Map.of("name", "worker")),
                                field,
                                value)
                        : Map.of(field, value));
        cluster.plane()
                .client()
                .resource(object)
                .inNamespace(cluster.namespace())
                .create();
    }

    /** Not by kubectl, whose arguments may not hold every character. */
    private void annotate(String task, String redrive) {
        cluster.plane()
                .client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", "Task")
                .inNamespace(cluster.namespace())
                .withName(task)
                .edit(object -> {
                    var annotated = new GenericKubernetesResource();
                    annotated.setApiVersion(object.getApiVersion());
                    annotated.setKind(object.getKind());
                    annotated.setMetadata(new ObjectMetaBuilder(object.getMetadata())
                            .addToAnnotations("taskqueue.dev/redrive", redrive)
                            .build());
                    annotated.setAdditionalProperties(object.getAdditionalProperties());
                    return annotated;
                });
    }
}
