package dev.taskqueue.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.client.TaskNames;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * Tests {@code samples/orders} in one language, from the order to the end of its Tasks. There is a class for each language, so that each has its own
 * JVM and they run at the same time.
 */
@Requires({})
abstract class OrdersSample {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String AUDIENCE = "http://order-worker.default.svc";
    private static final String ORDER = "{\"orderId\":\"4711\",\"amount\":\"59.90\"}";
    private static final String POISON = "{\"orderId\":\"4712\",\"amount\":\"free\"}";

    private static final Map<String, Duration> FOLLOW_UPS = Map.of(
            "invoice", Duration.ZERO,
            "stock", Duration.ofSeconds(5),
            "mail", Duration.ofSeconds(30),
            "warehouse", Duration.ofSeconds(60),
            "reminder", Duration.ofHours(24),
            "review", Duration.ofDays(7));

    private final ShopLanguage language;

    OrdersSample(ShopLanguage language) {
        this.language = language;
    }

    @Test
    void anOrderIsFollowedToItsEnd() throws Exception {
        language.install();
        try (var shop = new TestingShop(language)) {
            assertThat(shop.refusal("{\"amount\":\"1\"}")).isEqualTo(400);
            assertThat(created(shop.order(ORDER))).hasSize(6).containsOnly(true);
            FOLLOW_UPS.forEach((type, delay) -> assertIsAsOrdered(shop, type, delay));
            theSecondClickCreatesNothing(shop);
            theInvoiceIsWrittenByAVerifiedCall(shop);
            onlyTheOperatorIsListenedTo(shop);
            thePoisonedOrderBecomesADeadLetter(shop);
            theThirdFailureIsAnAlertAndTheFourthADeadLetter(shop);
            assertThat(List.of("mail", "warehouse", "reminder", "review"))
                    .allSatisfy(type ->
                            assertThat(status(shop, "4711", type).state()).isEqualTo(TaskState.Scheduled));
        }
    }

    @Test
    void theLanguageFollowsTheRuleOfNames() throws Exception {
        language.install();
        if (language.tests().isPresent()) {
            try (var tests = new SampleProcess(language.tests().get(), language.folder(), Map.of())) {
                assertThat(tests.await(5)).as(tests::said).isZero();
            }
        } else {
            assertThat(TaskNames.of("order-tasks", "order_4711-invoice")).isEqualTo("order-4711-invoice-9cea999217");
        }
    }

    private static void assertIsAsOrdered(TestingShop shop, String type, Duration delay) {
        Task task = task(shop, "4711", type);
        assertThat(task.getMetadata().getLabels()).containsEntry("order", "4711");
        assertThat(task.getMetadata().getAnnotations()).containsEntry("taskqueue.dev/key", "order_4711-" + type);
        assertThat(Durations.parse(Objects.requireNonNull(task.getSpec().delay())))
                .isEqualTo(delay);
        var request = Objects.requireNonNull(task.getSpec().httpRequest());
        assertThat(request.path()).isEqualTo("/tasks/" + type);
        // The samples in Node and Python send text.
        String body = request.json() == null
                ? Objects.requireNonNull(request.body())
                : request.json().text();
        assertThat(json(body)).isEqualTo(json(ORDER));
    }

    private static void theSecondClickCreatesNothing(TestingShop shop) throws Exception {
        assertThat(created(shop.order(ORDER))).hasSize(6).containsOnly(false);
        assertThat(shop.client()
                        .resources(Task.class)
                        .inNamespace("default")
                        .list()
                        .getItems())
                .hasSize(6);
    }

    private static void theInvoiceIsWrittenByAVerifiedCall(TestingShop shop) {
        await().atMost(PATIENCE).until(() -> status(shop, "4711", "invoice").state() == TaskState.Succeeded);
        assertThat(status(shop, "4711", "invoice").dispatchCount()).isEqualTo(1);
        assertThat(shop.said())
                .containsOnlyOnce("Invoice written for order 4711")
                .doesNotContain("REFUSED");
    }

    /** Runs after the operator got its own token, so that the operator does not get a token from the past. */
    private static void onlyTheOperatorIsListenedTo(TestingShop shop) throws Exception {
        shop.client().raw("/api/v1/namespaces/default/serviceaccounts", "POST", """
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "somebody"}}
                """);
        String good = shop.token("task-dispatcher", AUDIENCE);
        assertThat(shop.callWorker("Bearer " + good)).isEqualTo(204);
        assertThat(shop.callWorker(null)).isEqualTo(401);
        assertThat(shop.callWorker("Basic abc")).isEqualTo(401);
        assertThat(shop.callWorker("Bearer abc")).isEqualTo(401);
        assertThat(shop.callWorker("Bearer " + withOtherSignature(good))).isEqualTo(401);
        assertThat(shop.callWorker("Bearer " + shop.token("task-dispatcher", "http://mail-worker.default.svc")))
                .isEqualTo(401);
        assertThat(shop.callWorker("Bearer " + shop.token("somebody", AUDIENCE)))
                .isEqualTo(401);
        assertThat(shop.callWorker("Bearer " + shop.expiredToken("task-dispatcher", AUDIENCE)))
                .isEqualTo(401);
    }

    private static void thePoisonedOrderBecomesADeadLetter(TestingShop shop) throws Exception {
        shop.order(POISON);
        awaitSaid(shop, "DEAD LETTER: order_4712-invoice of order-tasks: NonRetryable");
        assertThat(letter(shop, "4712", "invoice")).satisfies(origin -> {
            assertThat(origin.reason()).isEqualTo("NonRetryable");
            assertThat(origin.statusCode()).isEqualTo(422);
            assertThat(origin.attempts()).isEqualTo(1);
        });
        await().atMost(PATIENCE).until(() -> status(shop, "4712", "invoice").state() == TaskState.Failed);
    }

    private static void theThirdFailureIsAnAlertAndTheFourthADeadLetter(TestingShop shop) {
        awaitSaid(shop, "ALERT: order_4711-stock has failed 3 times");
        awaitSaid(shop, "DEAD LETTER: order_4711-stock of order-tasks: RetriesExhausted");
        assertThat(letter(shop, "4711", "stock").attempts()).isEqualTo(4);
        assertThat(shop.said()).containsOnlyOnce("ALERT");
    }

    private static void awaitSaid(TestingShop shop, String line) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(shop.said()).contains(line));
    }

    private static Task task(TestingShop shop, String order, String type) {
        String name = TaskNames.of("order-tasks", "order_" + order + "-" + type);
        return Objects.requireNonNull(
                shop.client()
                        .resources(Task.class)
                        .inNamespace("default")
                        .withName(name)
                        .get(),
                name);
    }

    private static TaskStatus status(TestingShop shop, String order, String type) {
        return Objects.requireNonNull(task(shop, order, type).getStatus());
    }

    /** The content of the only dead letter of this Task. */
    private static DeadLetterOf letter(TestingShop shop, String order, String type) {
        String name = task(shop, order, type).getMetadata().getName();
        List<DeadLetterOf> letters =
                shop.client().resources(Task.class).inNamespace("default").list().getItems().stream()
                        .filter(task -> "orders-failed"
                                .equals(Objects.requireNonNull(task.getSpec().queueRef())
                                        .name()))
                        .map(task -> Objects.requireNonNull(task.getSpec().deadLetterOf()))
                        .filter(origin -> name.equals(origin.task()))
                        .toList();
        assertThat(letters).hasSize(1);
        return letters.getFirst();
    }

    private static List<Boolean> created(JsonNode answer) {
        return StreamSupport.stream(answer.path("tasks").spliterator(), false)
                .map(task -> task.path("created").asBoolean())
                .toList();
    }

    /** The same token with an invalid signature: one character in the middle of the signature is changed. */
    private static String withOtherSignature(String token) {
        int at = (token.lastIndexOf('.') + token.length()) / 2;
        return token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }
}
