package dev.taskqueue.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is asked of the API server, and what its answers come to. */
@EnableKubernetesMockClient(https = false)
class TaskQueueClientTest {
    private static final String TASKS = "/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";
    /** An older CRD does not know the newest fields, and must refuse them. */
    private static final String STRICT = TASKS + "?fieldValidation=Strict";

    private static final String INVOICE = TaskNames.of("order-tasks", "order_4711-invoice");

    @SuppressWarnings("NullAway.Init")
    KubernetesMockServer server;

    @SuppressWarnings("NullAway.Init")
    KubernetesClient client;

    private record Order(String orderId, Instant at) {}

    @Test
    void everyPartOfTheTaskIsSent() throws Exception {
        var owner = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("order-4711")
                .withUid("u-1")
                .endMetadata()
                .build();
        JsonNode sent = sent(NewTask.in("order-tasks")
                .key("order_4711-invoice")
                .target("order-worker", "http")
                .path("/tasks/invoice?x=1")
                .method(NewTask.Method.PUT)
                .header("X-Shop", "berlin")
                .json(new Order("4711", Instant.parse("2026-11-21T09:00:00Z")))
                .token("task-dispatcher", "https://orders")
                .delay(Duration.ofDays(7))
                .expireTime(Instant.parse("2026-12-01T00:00:00Z"))
                .dispatchDeadline(Duration.ofMinutes(2))
                .ttlAfterFinished(Duration.ofHours(2))
                .label("order", "4711")
                .owner(owner));
        assertThat(sent).isEqualTo(new ObjectMapper().readTree("""
                        {"apiVersion": "taskqueue.dev/v1beta1", "kind": "Task",
                         "metadata": {"name": "%s", "namespace": "shop", "labels": {"order": "4711"},
                           "annotations": {"taskqueue.dev/key": "order_4711-invoice"},
                           "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "order-4711", "uid": "u-1"}]},
                         "spec": {"queueRef": {"name": "order-tasks"}, "delay": "168h", "expireTime": "2026-12-01T00:00:00Z",
                           "dispatchDeadline": "2m", "ttlAfterFinished": "2h",
                           "httpRequest": {"serviceRef": {"name": "order-worker", "port": "http"}, "path": "/tasks/invoice?x=1",
                             "method": "PUT", "json": {"orderId": "4711", "at": "2026-11-21T09:00:00Z"},
                             "headers": {"X-Shop": "berlin"},
                             "serviceAccountToken": {"serviceAccountName": "task-dispatcher", "audience": "https://orders"}}}}
                        """.formatted(INVOICE)));
    }

    @Test
    void whatIsNotSaidIsLeftToTheQueue() throws Exception {
        JsonNode sent = sent(NewTask.in("order-tasks"));
        assertThat(sent).isEqualTo(new ObjectMapper().readTree("""
                        {"apiVersion": "taskqueue.dev/v1beta1", "kind": "Task",
                         "metadata": {"generateName": "order-tasks-", "namespace": "shop"},
                         "spec": {"queueRef": {"name": "order-tasks"}}}
                        """));
    }

    @Test
    void ofBodiesAndTimesTheLastCounts() throws Exception {
        JsonNode sent = sent(NewTask.in("order-tasks")
                .header("content-type", "text/plain")
                .json(Map.of("a", 1))
                .body("text")
                .body("bytes".getBytes(UTF_8))
                .delay(Duration.ofSeconds(1))
                .scheduleTime(Instant.parse("2026-11-21T09:00:00Z")));
        assertThat(sent.path("spec").toString())
                .isEqualTo(
                        "{\"queueRef\":{\"name\":\"order-tasks\"},\"scheduleTime\":\"2026-11-21T09:00:00Z\","
                                + "\"httpRequest\":{\"bodyBase64\":\"Ynl0ZXM=\",\"headers\":{\"content-type\":\"text/plain\"}}}");
    }

    /** A number that the API server would change, null, and a value that is too large. */
    @Test
    void jsonThatTheApiServerWouldNotKeepIsSentAsText() throws Exception {
        String large = "x".repeat(262_143);
        for (Object value : new Object[] {
            new BigInteger("9223372036854775808"),
            List.of(Map.of("price", new BigDecimal("0.10000000000000000001"))),
            NullNode.getInstance(),
            large
        }) {
            JsonNode request = sent(NewTask.in("order-tasks").json(value)).at("/spec/httpRequest");
            assertThat(request.path("body").asText()).isEqualTo(new ObjectMapper().writeValueAsString(value));
            assertThat(request.path("headers").toString()).isEqualTo("{\"Content-Type\":\"application/json\"}");
            assertThat(request.has("json")).isFalse();
        }
    }

    @Test
    void anyOtherJsonIsAFieldOfTheTask() throws Exception {
        for (Object value : new Object[] {
            Long.MAX_VALUE, 0.1, 0.1f, new BigDecimal("59.9"), false, "", List.of(), "x".repeat(262_142)
        }) {
            JsonNode request = sent(NewTask.in("order-tasks").json(value)).at("/spec/httpRequest");
            assertThat(request.path("json").toString()).isEqualTo(new ObjectMapper().writeValueAsString(value));
            assertThat(request).hasSize(1);
        }
    }

    @Test
    void whatIsPrivateStaysInItsSecret() throws Exception {
        JsonNode sent = sent(NewTask.in("order-tasks")
                .json(Map.of("a", 1))
                .bodyFromSecret("payloads", "order-4711.json")
                .secretHeader("X-Signature", "order-4711", "signature")
                .secretHeader("X-Api-Key", "order-worker-key", "apiKey"));
        assertThat(sent.path("spec").path("httpRequest")).isEqualTo(new ObjectMapper().readTree("""
                        {"bodyFrom": {"secretKeyRef": {"name": "payloads", "key": "order-4711.json"}},
                         "secretHeaders": [
                           {"name": "X-Api-Key", "secretKeyRef": {"name": "order-worker-key", "key": "apiKey"}},
                           {"name": "X-Signature", "secretKeyRef": {"name": "order-4711", "key": "signature"}}]}
                        """));
    }

    @Test
    void ofAHeaderInBothPlacesAndOfBodiesElsewhereTheLastCountsToo() throws Exception {
        JsonNode sent = sent(NewTask.in("order-tasks")
                .header("X-Api-Key", "plain")
                .secretHeader("x-api-key", "order-worker-key", "apiKey")
                .secretHeader("X-Shop", "shop", "name")
                .header("x-shop", "berlin")
                .secretHeader("content-type", "shop", "type")
                .bodyFromSecret("payloads", "order-4711.json")
                .json(Map.of("a", 1))
                .bodyFromConfigMap("templates", "reminder"));
        assertThat(sent.path("spec").path("httpRequest")).isEqualTo(new ObjectMapper().readTree("""
                        {"bodyFrom": {"configMapKeyRef": {"name": "templates", "key": "reminder"}},
                         "headers": {"x-shop": "berlin"},
                         "secretHeaders": [
                           {"name": "content-type", "secretKeyRef": {"name": "shop", "key": "type"}},
                           {"name": "x-api-key", "secretKeyRef": {"name": "order-worker-key", "key": "apiKey"}}]}
                        """));
        JsonNode text = sent(NewTask.in("order-tasks")
                .bodyFromSecret("payloads", "order-4711.json")
                .body("text"));
        assertThat(text.path("spec").path("httpRequest"))
                .isEqualTo(new ObjectMapper().readTree("{\"body\": \"text\"}"));
    }

    @Test
    void aCreatedTaskSaysItsNameAndUid() {
        server.expect()
                .post()
                .withPath(STRICT)
                .andReturn(201, answer(INVOICE, "order-tasks", "order_4711-invoice"))
                .once();
        assertThat(create(invoice())).isEqualTo(new Creation.Created(INVOICE, "uid-1"));
    }

    @Test
    void theSameKeyInTheSameQueueIsAlreadyThere() {
        refusal(409, "AlreadyExists");
        server.expect()
                .get()
                .withPath(TASKS + "/" + INVOICE)
                .andReturn(200, answer(INVOICE, "order-tasks", "order_4711-invoice"))
                .once();
        assertThat(create(invoice())).isEqualTo(new Creation.AlreadyThere(INVOICE, "uid-1", "Scheduled"));
    }

    @Test
    void aTaskOfAnotherQueueOrKeyIsNotTakenForOurs() {
        for (var other : Map.of("supplier", "order_4711-invoice", "order-tasks", "ORDER_4711-invoice")
                .entrySet()) {
            refusal(409, "AlreadyExists");
            server.expect()
                    .get()
                    .withPath(TASKS + "/" + INVOICE)
                    .andReturn(200, answer(INVOICE, other.getKey(), other.getValue()))
                    .once();
            assertThatExceptionOfType(TaskNameTakenException.class)
                    .isThrownBy(() -> create(invoice()))
                    .withMessageContaining("queue " + other.getKey() + " and key " + other.getValue())
                    .withMessageContaining("not with queue order-tasks and key order_4711-invoice: delete it");
        }
    }

    @Test
    void aTaskThatIsGoneMeanwhileIsSaidToBeGone() {
        refusal(409, "AlreadyExists");
        assertThatExceptionOfType(TaskNameTakenException.class)
                .isThrownBy(() -> create(invoice()))
                .withMessageContaining("is gone meanwhile");
    }

    @Test
    void otherRefusalsReachTheCallerAsTheyAre() {
        for (int code : new int[] {403, 404, 422}) {
            refusal(code, "Whatever");
            assertThatExceptionOfType(KubernetesClientException.class)
                    .isThrownBy(() -> create(invoice()))
                    .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo(code));
        }
        refusal(409, "Conflict");
        assertThatExceptionOfType(KubernetesClientException.class).isThrownBy(() -> create(invoice()));
    }

    @Test
    void anOwnerNeedsItsUid() {
        var owner = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("o")
                .endMetadata()
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NewTask.in("order-tasks").owner(owner))
                .withMessageContaining("ConfigMap o has no uid");
    }

    @Test
    void whatIsPrintedHasNoContents() {
        assertThat(invoice().body("secret").header("X", "secret").build())
                .hasToString("NewTask[order-tasks/order_4711-invoice]");
    }

    private static NewTask.Builder invoice() {
        return NewTask.in("order-tasks").key("order_4711-invoice");
    }

    private Creation create(NewTask.Builder task) {
        return new TaskQueueClient(client, "shop").create(task.build());
    }

    private void refusal(int code, String reason) {
        var status = new StatusBuilder()
                .withCode(code)
                .withReason(reason)
                .withMessage("m")
                .build();
        server.expect().post().withPath(STRICT).andReturn(code, status).once();
    }

    /** What the API server is asked to create. */
    private JsonNode sent(NewTask.Builder task) throws InterruptedException, IOException {
        server.expect()
                .post()
                .withPath(STRICT)
                .andReturn(201, answer("n", "order-tasks", "k"))
                .once();
        create(task);
        return new ObjectMapper().readTree(server.getLastRequest().getBody().readByteArray());
    }

    private static String answer(String name, String queue, String key) {
        return """
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "Task",
                 "metadata": {"name": "%s", "namespace": "shop", "uid": "uid-1", "annotations": {"taskqueue.dev/key": "%s"}},
                 "spec": {"queueRef": {"name": "%s"}}, "status": {"state": "Scheduled"}}
                """.formatted(name, key, queue);
    }
}
