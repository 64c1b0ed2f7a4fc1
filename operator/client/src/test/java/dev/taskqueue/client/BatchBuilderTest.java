package dev.taskqueue.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests which TaskBatches the API server is asked to create. */
@EnableKubernetesMockClient(https = false)
class BatchBuilderTest {
    private static final String BATCHES = "/apis/taskqueue.dev/v1beta1/namespaces/shop/taskbatches";
    private static final String STRICT = BATCHES + "?fieldValidation=Strict";
    private static final String NAME = TaskNames.of("order-tasks", "invoices");
    private static final ObjectMapper JSON = new ObjectMapper();

    @SuppressWarnings("NullAway.Init")
    KubernetesMockServer server;

    @SuppressWarnings("NullAway.Init")
    KubernetesClient client;

    @Test
    void everyPartOfTheBatchIsSent() throws Exception {
        created(NAME);
        List<Creation> created = invoices()
                .template(request -> request.target("order-worker", "http")
                        .path("/tasks/invoice")
                        .header("X-Shop", "berlin")
                        .dispatchDeadline(Duration.ofMinutes(2)))
                .add(item -> item.key("o-1").json(Map.of("orderId", 1)).delay(Duration.ofSeconds(30)))
                .add(item -> item.path("/tasks/other")
                        .header("X-Shop", "hamburg")
                        .body("text")
                        .scheduleTime(Instant.parse("2026-11-21T09:00:00Z")))
                .delay(Duration.ofHours(1))
                .expireTime(Instant.parse("2026-12-01T00:00:00Z"))
                .maxFailed(10)
                .ttlAfterFinished(Duration.ofHours(2))
                .label("month", "11")
                .onFinished(report -> report.when(BatchReport.When.FAILED)
                        .queue("reports")
                        .dispatchDeadline(Duration.ofMinutes(1))
                        .path("/reports/invoices"))
                .create();
        assertThat(created).containsExactly(new Creation.Created(NAME, "uid-1"));
        JsonNode sent = sent(1).get(0);
        String lines = """
                {"key":"o-1","body":{"orderId":1},"delay":"30s"}
                {"path":"/tasks/other","body":"text","scheduleTime":"2026-11-21T09:00:00Z","headers":{"X-Shop":"hamburg"}}
                """;
        assertThat(sent.at("/spec/lines").asText()).isEqualTo(lines);
        assertThat(sent).isEqualTo(JSON.readTree("""
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "TaskBatch",
                 "metadata": {"name": "%s", "namespace": "shop", "labels": {"month": "11"},
                   "annotations": {"taskqueue.dev/key": "invoices"}},
                 "spec": {"queueRef": {"name": "order-tasks"}, "delay": "1h", "expireTime": "2026-12-01T00:00:00Z",
                   "maxFailed": 10, "ttlAfterFinished": "2h",
                   "template": {"dispatchDeadline": "2m", "httpRequest": {"serviceRef": {"name": "order-worker", "port": "http"},
                     "path": "/tasks/invoice", "headers": {"X-Shop": "berlin"}}},
                   "lines": %s,
                   "onFinished": {"when": "Failed", "queueRef": {"name": "reports"}, "dispatchDeadline": "1m",
                     "httpRequest": {"path": "/reports/invoices", "headers": {"X-Batch-Part": "1/1"}}}}}
                """.formatted(NAME, JSON.writeValueAsString(lines))));
    }

    @Test
    void moreThanAThousandItemsAreSplitInTheOrderOfTheirAdding() throws Exception {
        created(NAME);
        created(NAME + "-2");
        created(NAME + "-3");
        BatchBuilder batch = invoices().onFinished(report -> report.path("/done"));
        for (int i = 0; i < 2001; i++) {
            String key = "o-" + i;
            batch.add(item -> item.key(key));
        }
        assertThat(batch.create()).extracting(Creation::name).containsExactly(NAME, NAME + "-2", NAME + "-3");
        List<JsonNode> sent = sent(3);
        assertThat(sent)
                .extracting(part -> part.at("/spec/lines").asText().lines().count())
                .containsExactly(1000L, 1000L, 1L);
        assertThat(sent.get(1).at("/spec/lines").asText()).startsWith("{\"key\":\"o-1000\"}\n");
        assertThat(sent)
                .extracting(part -> part.at("/metadata/name").asText())
                .containsExactly(NAME, NAME + "-2", NAME + "-3");
        assertThat(sent)
                .extracting(part -> part.at("/spec/onFinished/httpRequest/headers/X-Batch-Part")
                        .asText())
                .containsExactly("1/3", "2/3", "3/3");
    }

    /** 700 characters of text are 700 bytes as they are stored, 700 angle brackets six times as many. */
    @Test
    void eachPartFitsIntoItsObject() {
        for (String letter : List.of("x", "<", "\"", "\u0001", "ü")) {
            var lines = new ArrayList<String>();
            for (int i = 0; i < 1500; i++) {
                lines.add(letter.repeat(700 + i % 3));
            }
            List<String> parts = BatchParts.of(lines, 10_000);
            assertThat(String.join("", parts).lines()).isEqualTo(lines);
            assertThat(parts).allSatisfy(part -> {
                assertThat(part.length()).isLessThanOrEqualTo(786_432);
                assertThat(StoredText.bytes(part)).isLessThanOrEqualTo(1_370_000);
                assertThat(part.lines().count()).isLessThanOrEqualTo(1000);
            });
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchParts.of(List.of("x".repeat(1000)), 1_379_500))
                .withMessageContaining("does not fit into a batch");
    }

    @Test
    void aPartThatIsThereCountsAsDone() throws Exception {
        refusal(409, "AlreadyExists");
        there(NAME, "order-tasks", "invoices");
        created(NAME + "-2");
        BatchBuilder batch = invoices();
        for (int i = 0; i < 1001; i++) {
            batch.add(item -> {});
        }
        assertThat(batch.create())
                .containsExactly(
                        new Creation.AlreadyThere(NAME, "uid-1", "Running"),
                        new Creation.Created(NAME + "-2", "uid-1"));
    }

    @Test
    void aBatchOfSomebodyElseIsNotTakenForOurs() {
        refusal(409, "AlreadyExists");
        there(NAME, "supplier", "invoices");
        assertThatExceptionOfType(TaskNameTakenException.class)
                .isThrownBy(() -> invoices().add(item -> {}).create())
                .withMessageContaining("TaskBatch shop/" + NAME + " is there with queue supplier");
    }

    @Test
    void otherRefusalsReachTheCaller() {
        refusal(422, "Invalid");
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> invoices().add(item -> {}).create())
                .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo(422));
    }

    @Test
    void withoutAKeyTheApiServerChoosesTheName() throws Exception {
        created("order-tasks-x");
        new TaskQueueClient(client, "shop").batch("order-tasks").add(item -> {}).create();
        assertThat(sent(1).get(0)).isEqualTo(JSON.readTree("""
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "TaskBatch",
                 "metadata": {"generateName": "order-tasks-", "namespace": "shop"},
                 "spec": {"queueRef": {"name": "order-tasks"}, "lines": "{}\\n"}}
                """));
    }

    /** The operator sends text as it is, and takes null for no body. */
    @Test
    void jsonArrivesAsTheSameJson() throws Exception {
        var bodies = new LinkedHashMap<Object, String>();
        bodies.put(Map.of("a", new BigDecimal("0.10000000000000000001")), "{\"body\":{\"a\":0.10000000000000000001}}");
        bodies.put(List.of(), "{\"body\":[]}");
        bodies.put(7, "{\"body\":7}");
        bodies.put("a\nb", "{\"body\":\"\\\"a\\\\nb\\\"\",\"headers\":{\"Content-Type\":\"application/json\"}}");
        bodies.put(JSON.nullNode(), "{\"body\":\"null\",\"headers\":{\"Content-Type\":\"application/json\"}}");
        for (Map.Entry<Object, String> body : bodies.entrySet()) {
            assertThat(new BatchItem().json(body.getKey()).line()).isEqualTo(body.getValue());
        }
        assertThat(new BatchItem()
                        .header("content-type", "application/problem+json")
                        .json("x")
                        .line())
                .isEqualTo("{\"body\":\"\\\"x\\\"\",\"headers\":{\"content-type\":\"application/problem+json\"}}");
        assertThat(new BatchItem().json(7).body("bytes".getBytes(UTF_8)).line())
                .isEqualTo("{\"bodyBase64\":\"Ynl0ZXM=\"}");
    }

    @Test
    void whatCanNeverBeSentIsRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> invoices().create())
                .withMessageContaining("no item");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> invoices().add(item -> item.key("o-1")).add(item -> item.key("o-1")))
                .withMessageContaining("the key o-1 already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> invoices().add(item -> item.key("o.1")))
                .withMessageContaining("1 to 200 letters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> invoices().add(item -> item.key("o-1").body("x".repeat(65_537))))
                .withMessageContaining("item o-1 is longer than 65536");
    }

    @Test
    void whatIsPrintedHasNoContents() {
        assertThat(invoices().add(item -> item.body("secret")))
                .hasToString("BatchBuilder[order-tasks/invoices, 1 items]");
    }

    private BatchBuilder invoices() {
        return new TaskQueueClient(client, "shop").batch("order-tasks").key("invoices");
    }

    private void created(String name) {
        server.expect()
                .post()
                .withPath(STRICT)
                .andReturn(201, answer(name, "order-tasks", "invoices"))
                .once();
    }

    private void there(String name, String queue, String key) {
        server.expect()
                .get()
                .withPath(BATCHES + "/" + name)
                .andReturn(200, answer(name, queue, key))
                .once();
    }

    private void refusal(int code, String reason) {
        var status = new StatusBuilder()
                .withCode(code)
                .withReason(reason)
                .withMessage("m")
                .build();
        server.expect().post().withPath(STRICT).andReturn(code, status).once();
    }

    /** What the API server was asked to create so far. */
    private List<JsonNode> sent(int count) throws InterruptedException, IOException {
        var sent = new ArrayList<JsonNode>();
        for (int i = 0; i < count; i++) {
            sent.add(JSON.readTree(server.takeRequest().getBody().readByteArray()));
        }
        return sent;
    }

    private static String answer(String name, String queue, String key) {
        return """
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "TaskBatch",
                 "metadata": {"name": "%s", "namespace": "shop", "uid": "uid-1", "annotations": {"taskqueue.dev/key": "%s"}},
                 "spec": {"queueRef": {"name": "%s"}}, "status": {"state": "Running"}}
                """.formatted(name, key, queue);
    }
}
