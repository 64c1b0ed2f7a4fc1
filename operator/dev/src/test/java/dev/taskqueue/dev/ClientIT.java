package dev.taskqueue.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.taskqueue.client.BatchBuilder;
import dev.taskqueue.client.BatchReport;
import dev.taskqueue.client.Creation;
import dev.taskqueue.client.NewTask;
import dev.taskqueue.client.TaskNameTakenException;
import dev.taskqueue.client.TaskNames;
import dev.taskqueue.client.TaskQueueClient;
import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.KeyRef;
import dev.taskqueue.operator.api.KeySource;
import dev.taskqueue.operator.api.Method;
import dev.taskqueue.operator.api.QueueRef;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskBatch;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests the Java client against a real API server: the CRD accepts and the operator reads everything that it writes, and the refusals are real. */
class ClientIT {
    private static @Nullable RealApiServer server;
    private static @Nullable KubernetesClient kubernetes;

    @BeforeAll
    static void start() throws IOException {
        server = RealApiServer.start(InstalledPrograms.here());
        kubernetes =
                new KubernetesClientBuilder().withConfig(server.clientConfig()).build();
    }

    @AfterAll
    static void stop() {
        if (kubernetes != null) {
            kubernetes.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void everyPartArrivesAsTheOperatorReadsIt() {
        ConfigMap owner = kubernetes()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("order-4711")
                        .withNamespace("default")
                        .endMetadata()
                        .build())
                .create();
        Creation creation = create(invoice("whole")
                .target("order-worker", 8080)
                .path("/tasks/invoice")
                .method(NewTask.Method.PUT)
                .header("X-Shop", "berlin")
                .json(Map.of("orderId", "4711"))
                .token("task-dispatcher", "https://orders")
                .scheduleTime(Instant.parse("2026-11-21T09:00:00.123456789Z"))
                .expireTime(Instant.parse("2027-01-01T00:00:00Z"))
                .dispatchDeadline(Duration.ofSeconds(90))
                .ttlAfterFinished(Duration.ofDays(365))
                .label("order", "4711")
                .owner(owner));
        Task task = task(creation);
        assertThat(creation)
                .isEqualTo(
                        new Creation.Created(creation.name(), task.getMetadata().getUid()));
        assertThat(task.getMetadata().getLabels()).containsEntry("order", "4711");
        assertThat(task.getMetadata().getOwnerReferences())
                .extracting(OwnerReference::getUid)
                .containsExactly(owner.getMetadata().getUid());
        var spec = task.getSpec();
        assertThat(spec.queueRef()).isEqualTo(new QueueRef("order-tasks"));
        assertThat(spec.scheduleTime()).isEqualTo("2026-11-21T09:00:00.123456789Z");
        assertThat(spec.expireTime()).isEqualTo("2027-01-01T00:00:00Z");
        assertThat(spec.dispatchDeadline()).isEqualTo("1m30s");
        assertThat(spec.ttlAfterFinished()).isEqualTo("8760h");
        HttpRequest request = Objects.requireNonNull(spec.httpRequest());
        assertThat(request.method()).isEqualTo(Method.PUT);
        assertThat(Objects.requireNonNull(request.json()).text()).isEqualTo("{\"orderId\":\"4711\"}");
        assertThat(request.headers()).containsOnly(Map.entry("X-Shop", "berlin"));
    }

    @Test
    void whatIsPrivateStaysInItsSecretOrConfigMap() {
        Task fromSecret = task(create(invoice("private")
                .target("order-worker")
                .secretHeader("X-Api-Key", "order-worker-key", "apiKey")
                .bodyFromSecret("payloads", "order-4711.json")));
        HttpRequest request = Objects.requireNonNull(fromSecret.getSpec().httpRequest());
        assertThat(request.secretHeaders())
                .containsExactly(new SecretHeader("X-Api-Key", new KeyRef("order-worker-key", "apiKey")));
        assertThat(request.bodyFrom()).isEqualTo(new KeySource(null, new KeyRef("payloads", "order-4711.json")));
        Task fromConfigMap = task(create(invoice("template").bodyFromConfigMap("templates", "reminder")));
        assertThat(Objects.requireNonNull(fromConfigMap.getSpec().httpRequest()).bodyFrom())
                .isEqualTo(new KeySource(new KeyRef("templates", "reminder"), null));
    }

    @Test
    void theSameKeyIsCreatedOnce() {
        Creation first = create(invoice("twice").delay(Duration.ofDays(7)));
        assertThat(first).isInstanceOf(Creation.Created.class);
        assertThat(create(invoice("twice"))).isEqualTo(new Creation.AlreadyThere(first.name(), first.uid(), "Pending"));
        assertThat(task(first).getSpec().delay()).isEqualTo("168h");
        assertThat(create(NewTask.in("supplier").key("twice"))).isInstanceOf(Creation.Created.class);
    }

    @Test
    void withoutAKeyEachCallCreatesOne() {
        Creation first = create(NewTask.in("order-tasks"));
        Creation second = create(NewTask.in("order-tasks"));
        assertThat(first.name()).startsWith("order-tasks-").isNotEqualTo(second.name());
        assertThat(second).isInstanceOf(Creation.Created.class);
    }

    @Test
    void aNameThatSomebodyElseTookIsNoSuccess() {
        kubernetes().raw("/apis/taskqueue.dev/v1beta1/namespaces/default/tasks", "POST", """
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "Task", "metadata": {"name": "%s"},
                 "spec": {"queueRef": {"name": "order-tasks"}}}
                """.formatted(
                        TaskNames.of("order-tasks", "taken")));
        assertThatExceptionOfType(TaskNameTakenException.class)
                .isThrownBy(() -> create(invoice("taken")))
                .withMessageContaining("is there with queue order-tasks and key null");
    }

    @Test
    void aWrongTaskIsRefusedWithWhatToChange() {
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> create(invoice("wrong").path("no-slash")))
                .withMessageContaining("path begins with \"/\"")
                .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo(422));
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> new TaskQueueClient(kubernetes(), "missing")
                        .create(invoice("x").build()))
                .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo(404));
    }

    @Test
    void aBatchArrivesAsTheOperatorReadsItAndIsCreatedOnce() {
        TaskBatch batch = kubernetes()
                .resources(TaskBatch.class)
                .inNamespace("default")
                .withName(whole("whole-batch").create().get(0).name())
                .get();
        var spec = batch.getSpec();
        assertThat(spec.queueRef()).isEqualTo(new QueueRef("order-tasks"));
        assertThat(spec.lines())
                .isEqualTo("{\"key\":\"o-1\",\"body\":{\"orderId\":1}}\n{\"path\":\"/other\",\"delay\":\"30s\"}\n");
        assertThat(spec.maxFailed()).isEqualTo(10);
        assertThat(spec.ttlAfterFinished()).isEqualTo("2h");
        var template = Objects.requireNonNull(spec.template());
        assertThat(template.dispatchDeadline()).isEqualTo("1m30s");
        assertThat(Objects.requireNonNull(template.httpRequest()).path()).isEqualTo("/tasks/invoice");
        var report = Objects.requireNonNull(spec.onFinished());
        assertThat(report.queueRef()).isEqualTo(new QueueRef("reports"));
        assertThat(Objects.requireNonNull(report.httpRequest()).headers())
                .containsOnly(Map.entry("X-Batch-Part", "1/1"));
        assertThat(whole("whole-batch").create())
                .containsExactly(new Creation.AlreadyThere(
                        batch.getMetadata().getName(), batch.getMetadata().getUid(), "Pending"));
    }

    private static BatchBuilder whole(String key) {
        return new TaskQueueClient(kubernetes(), "default")
                .batch("order-tasks")
                .key(key)
                .template(request ->
                        request.target("order-worker").path("/tasks/invoice").dispatchDeadline(Duration.ofSeconds(90)))
                .add(item -> item.key("o-1").json(Map.of("orderId", 1)))
                .add(item -> item.path("/other").delay(Duration.ofSeconds(30)))
                .maxFailed(10)
                .ttlAfterFinished(Duration.ofHours(2))
                .onFinished(report -> report.when(BatchReport.When.ALWAYS).queue("reports"));
    }

    /** Texts that take six times their length in the API server's database. */
    @Test
    void thePartsOfALargeBatchFitIntoTheDatabase() {
        BatchBuilder large = new TaskQueueClient(kubernetes(), "default")
                .batch("order-tasks")
                .key("large");
        for (int i = 0; i < 40; i++) {
            large.add(item -> item.body("<".repeat(9_000)));
        }
        assertThat(large.create())
                .hasSize(2)
                .allSatisfy(part -> assertThat(part).isInstanceOf(Creation.Created.class));
    }

    private static NewTask.Builder invoice(String key) {
        return NewTask.in("order-tasks").key(key);
    }

    private static Creation create(NewTask.Builder task) {
        return new TaskQueueClient(kubernetes(), "default").create(task.build());
    }

    private static Task task(Creation creation) {
        return kubernetes()
                .resources(Task.class)
                .inNamespace("default")
                .withName(creation.name())
                .get();
    }

    private static KubernetesClient kubernetes() {
        return Objects.requireNonNull(kubernetes);
    }
}
