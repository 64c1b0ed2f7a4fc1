package dev.taskqueue.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import dev.taskqueue.client.TaskNames;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The port as clients see it, in front of a cluster in memory. */
class WireTest {
    private static final String USER = "system:serviceaccount:shop:producer";
    private static final String TOKEN = "producer-token";
    private static final MemoryCluster CLUSTER = new MemoryCluster();
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        CLUSTER.token(TOKEN, USER, TestGateway.AUDIENCE);
        CLUSTER.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
        gateway = new TestGateway(CLUSTER, TestGateway.rules(TestGateway.MAPPING));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static Task task(String name) {
        return Task.newBuilder()
                .setName(name.isEmpty() ? "" : QUEUE + "/tasks/" + name)
                .setHttpRequest(HttpRequest.newBuilder()
                        .setUrl("http://order-worker/tasks/invoice?x=1")
                        .setBody(ByteString.copyFromUtf8("{\"orderId\":\"4711\"}")))
                .build();
    }

    private static Task create(String name) {
        return gateway.tasks(TOKEN)
                .createTask(CreateTaskRequest.newBuilder()
                        .setParent(QUEUE)
                        .setTask(task(name))
                        .build());
    }

    @Test
    void aTaskIsCreatedOverGrpcAsTheCaller() {
        Task created = create("order_4711-invoice");
        assertThat(created.getName()).isEqualTo(QUEUE + "/tasks/order_4711-invoice");
        var object = Objects.requireNonNull(CLUSTER.get("shop", "tasks", TaskNames.of("orders", "order_4711-invoice")));
        assertThat(object.at("/spec/httpRequest/path").asText()).isEqualTo("/tasks/invoice?x=1");
        assertThat(CLUSTER.requests.stream()
                        .filter(request -> request.method().equals("POST")
                                && request.path().contains("/tasks")))
                .allSatisfy(request -> assertThat(request.user()).isEqualTo(USER));
    }

    @Test
    void theSecondCreateOfANameSaysThatItExists() {
        create("twice");
        var failure = catchThrowableOfType(StatusRuntimeException.class, () -> create("twice"));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
        assertThat(failure.getStatus().getDescription())
                .startsWith("Requested entity already exists")
                .contains("ALREADY_EXISTS");
    }

    @Test
    void aTaskIsCreatedAndReadOverRest() {
        HttpResponse<String> created = gateway.rest(
                "POST",
                "/v2/" + QUEUE + "/tasks?$alt=json;enum-encoding=int",
                TOKEN,
                "{\"task\":{\"name\":\"" + QUEUE
                        + "/tasks/rest-1\",\"httpRequest\":{\"url\":\"https://my-worker.run.app/a\",\"httpMethod\":2,\"headers\":{\"X-A\":\"b\"}}},\"responseView\":2}");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        assertThat(created.body()).contains("\"httpMethod\": 2").contains("/tasks/rest-1");
        HttpResponse<String> read = gateway.rest("GET", "/v2/" + QUEUE + "/tasks/rest-1?responseView=FULL", TOKEN, "");
        assertThat(read.body()).contains("\"httpMethod\": \"GET\"").contains("\"view\": \"FULL\"");
        assertThat(gateway.tasks(TOKEN)
                        .getTask(GetTaskRequest.newBuilder()
                                .setName(QUEUE + "/tasks/rest-1")
                                .build())
                        .getHttpRequest()
                        .getUrl())
                .isEqualTo("https://my-worker.run.app/a");
    }

    @Test
    void aQueueIsUpdatedByTheMaskedFieldsAlone() {
        CLUSTER.put(
                "shop",
                "taskqueues",
                "{\"metadata\":{\"name\":\"masked\"},\"spec\":{\"rateLimits\":{\"maxConcurrentDispatches\":7}}}");
        String path = "/v2/" + TestGateway.PARENT + "/queues/masked";
        HttpResponse<String> updated = gateway.rest(
                "POST",
                path + "?updateMask=rateLimits.maxDispatchesPerSecond",
                TOKEN,
                "{\"rateLimits\":{\"maxDispatchesPerSecond\":2.5,\"maxConcurrentDispatches\":1}}",
                "X-HTTP-Method-Override",
                "PATCH");
        assertThat(updated.statusCode()).as(updated.body()).isEqualTo(200);
        assertThat(updated.body()).contains("2.5").contains("\"maxConcurrentDispatches\": 7");
    }

    /** The methods for locations are described as v1; Node asks below that, and others below v2. */
    @Test
    void locationsAreServedBelowBothVersions() {
        for (String version : List.of("v1", "v2")) {
            HttpResponse<String> all = gateway.rest("GET", "/" + version + "/projects/demo/locations", TOKEN, "");
            assertThat(all.body()).contains("\"locationId\": \"us-central1\"");
            assertThat(gateway.rest("GET", "/" + version + "/" + TestGateway.PARENT, TOKEN, "")
                            .statusCode())
                    .isEqualTo(200);
        }
        assertThat(gateway.rest("GET", "/v1/" + QUEUE, TOKEN, "").statusCode()).isEqualTo(404);
    }

    @Test
    void aCallWithoutATokenIsUnauthenticated() {
        HttpResponse<String> answer = gateway.rest("GET", "/v2/" + QUEUE, "", "");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
        assertThat(answer.body()).contains("\"status\":\"UNAUTHENTICATED\"");
    }

    @Test
    void aBodyThatNobodyReadsDoesNotHideTheAnswer() {
        String body = "{\"x\":\"" + "a".repeat(400_000) + "\"}";
        assertThat(gateway.rest("POST", "/v2/" + QUEUE + "/tasks", "", body).statusCode())
                .isEqualTo(401);
        assertThat(gateway.rest("POST", "/v2/nothing", TOKEN, body).statusCode())
                .isEqualTo(404);
    }

    @Test
    void aQueueThatHasTheNameIsReadOverGrpc() {
        Queue queue = gateway.tasks(TOKEN)
                .getQueue(com.google.cloud.tasks.v2.GetQueueRequest.newBuilder()
                        .setName(QUEUE)
                        .build());
        assertThat(queue.getRateLimits().getMaxDispatchesPerSecond()).isEqualTo(500);
        assertThat(queue.getRetryConfig().getMaxAttempts()).isEqualTo(100);
    }
}
