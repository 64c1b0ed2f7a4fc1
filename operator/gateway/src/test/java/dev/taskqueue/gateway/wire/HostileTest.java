package dev.taskqueue.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.tasks.v2.CloudTasksGrpc;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.GetQueueRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.BadRequest;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers who want more than they may have, and requests that are no requests. */
class HostileTest {
    private static final String TOKEN = "producer-token";
    private static final String USER = "system:serviceaccount:shop:producer";
    private static final MemoryCluster CLUSTER = new MemoryCluster();
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";
    private static final String TASK = "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"}}}";

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        CLUSTER.token(TOKEN, USER, TestGateway.AUDIENCE);
        CLUSTER.token("other-audience", USER, "https://kubernetes.default.svc");
        CLUSTER.token("human", "alice", TestGateway.AUDIENCE);
        CLUSTER.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
        gateway = new TestGateway(CLUSTER, TestGateway.rules(TestGateway.MAPPING));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void noHeaderOfTheCallerReachesTheApiServer() {
        gateway.rest(
                "POST",
                "/v2/" + QUEUE + "/tasks",
                TOKEN,
                TASK,
                "Impersonate-User",
                "system:admin",
                "Impersonate-Group",
                "system:masters",
                "X-Remote-User",
                "root");
        assertThat(CLUSTER.requests)
                .filteredOn(request -> request.path().contains("/tasks"))
                .allSatisfy(request -> assertThat(request.user()).isEqualTo(USER));
    }

    @ParameterizedTest
    @ValueSource(strings = {"other-audience", "human", "nobody-knows-it", "a b", "!!!"})
    void aTokenThatIsNotThatOfAServiceAccountForUsIsRefused(String token) {
        assertThat(gateway.rest("GET", "/v2/" + QUEUE, token, "").statusCode()).isEqualTo(401);
    }

    @Test
    void aTokenInTheQueryIsNotRead() {
        assertThat(gateway.rest("GET", "/v2/" + QUEUE + "?access_token=" + TOKEN, "", "")
                        .statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/projects/demo%2Flocations/us-central1/queues/orders",
                "/v2/projects/demo/locations/us-central1/queues/orders%2F..%2Fpayments",
                "/v2/projects/demo/locations/us-central1/queues/..",
                "/v2/projects/demo/locations/us-central1/queues/or%0d%0aders",
                "/v2/projects/demo/locations/us-central1/queues/%zz"
            })
    void aPathThatCouldMeanSomethingElseIsRefused(String path) throws IOException {
        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 4")
                .contains("\"error\"");
    }

    @Test
    void headersThatAreTooLargeAreRefusedInGooglesForm() throws IOException {
        assertThat(raw("GET /v2/" + QUEUE + " HTTP/1.1\r\nHost: x\r\nX-Big: " + "a".repeat(1_048_576) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
        assertThat(gateway.rest("GET", "/v2/" + QUEUE, TOKEN, "").statusCode()).isEqualTo(200);
    }

    private static String raw(String request) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), gateway.server().plaintextPort())) {
            socket.setSoTimeout(20_000);
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
                socket.getOutputStream().flush();
            } catch (IOException closedEarly) {
                // The answer is there already.
            }
            return new String(socket.getInputStream().readNBytes(4_096), StandardCharsets.UTF_8);
        } catch (java.net.SocketException reset) {
            return "HTTP/1.1 431 (reset)";
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() {
        var answer =
                gateway.rest("POST", "/v2/" + QUEUE + "/tasks", TOKEN, "{\"x\":\"" + "a".repeat(1_600_000) + "\"}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("Task size too large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"},\"retryConfig\":{}}}",
                "{\"tusk\":{}}",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\",\"httpMethod\":\"BREW\"}}}",
                "{\"task\":",
                "[1,2]",
                "{\"task\":{\"scheduleTime\":\"tomorrow\"}}"
            })
    void jsonThatIsNoRequestIsRefused(String body) {
        var answer = gateway.rest("POST", "/v2/" + QUEUE + "/tasks", TOKEN, body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("INVALID_ARGUMENT");
    }

    @Test
    void twoCredentialsAreNone() throws IOException {
        assertThat(raw("GET /v2/" + QUEUE + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nAuthorization: Bearer other-audience\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 401");
        var twice = gateway.tasks("other-audience")
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(authorization(TOKEN)));
        assertThat(Assertions.catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> twice.getQueue(GetQueueRequest.newBuilder()
                                        .setName(QUEUE)
                                        .build()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    /** Many large messages without an end would cost the gateway its memory, whoever sends them. */
    @Test
    void aStrangerIsRefusedBeforeItsCallIsRead() throws Exception {
        var closed = new CompletableFuture<Status>();
        ClientCall<CreateTaskRequest, Task> call =
                gateway.channel().newCall(CloudTasksGrpc.getCreateTaskMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        closed.complete(status);
                    }
                },
                authorization("nobody-knows-it"));
        call.request(1);
        // The call stays open, as if more came.
        call.sendMessage(CreateTaskRequest.getDefaultInstance());
        assertThat(closed.get(30, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    private static Metadata authorization(String token) {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return headers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PATCH", "DELETE"})
    void whatTheServerItselfRefusesIsSaidInGooglesFormWithEveryMethod(String method) throws IOException {
        assertThat(raw(method + " /v2/" + QUEUE
                        + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("INVALID_ARGUMENT");
    }

    @Test
    void anUnknownParameterOfTheQueryIsRefused() {
        assertThat(gateway.rest("GET", "/v2/" + QUEUE + "?readMusk=x", TOKEN, "")
                        .statusCode())
                .isEqualTo(400);
        assertThat(gateway.rest("GET", "/v2/" + QUEUE + "?prettyPrint=false&key=abc&%24alt=json", TOKEN, "")
                        .statusCode())
                .isEqualTo(200);
    }

    private static UnknownFieldSet unknown(int number) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
    }

    @Test
    void anUnknownFieldAtAnyDepthIsRefusedByItsNumber() {
        Task plain = Task.newBuilder()
                .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/"))
                .build();
        var deep = plain.toBuilder()
                .setHttpRequest(plain.getHttpRequest().toBuilder().setUnknownFields(unknown(77)))
                .build();
        assertRefused(
                CreateTaskRequest.newBuilder()
                        .setParent(QUEUE)
                        .setTask(plain.toBuilder().setUnknownFields(unknown(12)))
                        .build(),
                "number 12 of google.cloud.tasks.v2.Task",
                "task.12");
        assertRefused(
                CreateTaskRequest.newBuilder().setParent(QUEUE).setTask(deep).build(),
                "number 77 of google.cloud.tasks.v2.HttpRequest",
                "task.http_request.77");
        assertRefused(
                CreateTaskRequest.newBuilder()
                        .setParent(QUEUE)
                        .setTask(plain)
                        .setUnknownFields(unknown(99))
                        .build(),
                "number 99",
                "99");
    }

    private static void assertRefused(CreateTaskRequest request, String message, String field) {
        Assertions.assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> gateway.tasks(TOKEN).createTask(request))
                .withMessageContaining(message)
                .satisfies(failure -> {
                    var status = StatusProto.fromThrowable(failure);
                    assertThat(Objects.requireNonNull(status)
                                    .getDetails(0)
                                    .unpack(BadRequest.class)
                                    .getFieldViolations(0)
                                    .getField())
                            .isEqualTo(field);
                });
    }

    @Test
    void whatTheGatewayDoesNotHaveIsUnimplemented() {
        assertThat(gateway.rest("POST", "/v2/" + QUEUE + "/tasks:batchCreate", TOKEN, "{}")
                        .statusCode())
                .isEqualTo(501);
        assertThat(gateway.rest("GET", "/v2beta3/" + QUEUE, TOKEN, "").statusCode())
                .isEqualTo(501);
        assertThat(gateway.rest("GET", "/v9/nothing", TOKEN, "").statusCode()).isEqualTo(404);
        var policy = gateway.rest("POST", "/v2/" + QUEUE + ":setIamPolicy", TOKEN, "{}");
        assertThat(policy.statusCode()).isEqualTo(501);
        assertThat(policy.body()).contains("RoleBindings");
    }

    @Test
    void aStormOfCancelsLeavesAGatewayThatServes() throws InterruptedException {
        try (var log = new GrpcLog();
                var threads = Executors.newFixedThreadPool(16)) {
            threads.invokeAll(IntStream.range(0, 16)
                    .<java.util.concurrent.Callable<Void>>mapToObj(i -> () -> {
                        for (int n = 0; n < 100; n++) {
                            try {
                                gateway.tasks(TOKEN)
                                        .withDeadline(Deadline.after(n % 6, TimeUnit.MILLISECONDS))
                                        .createTask(CreateTaskRequest.newBuilder()
                                                .setParent(QUEUE)
                                                .setTask(Task.newBuilder()
                                                        .setHttpRequest(HttpRequest.newBuilder()
                                                                .setUrl("http://order-worker/")))
                                                .build());
                            } catch (StatusRuntimeException late) {
                                assertThat(late.getStatus().getCode())
                                        .isIn(
                                                Status.Code.DEADLINE_EXCEEDED,
                                                Status.Code.CANCELLED,
                                                Status.Code.UNAVAILABLE);
                            }
                        }
                        return null;
                    })
                    .toList());
            assertThat(log.thrown).isEmpty();
        }
        assertThat(gateway.rest("GET", "/v2/" + QUEUE, TOKEN, "").statusCode()).isEqualTo(200);
    }

    /** The stack traces that gRPC writes to the console. */
    private static final class GrpcLog extends Handler implements AutoCloseable {
        private static final Logger GRPC = Logger.getLogger("io.grpc");

        private final List<Throwable> thrown = new CopyOnWriteArrayList<>();

        GrpcLog() {
            GRPC.addHandler(this);
        }

        @Override
        public void publish(LogRecord event) {
            if (event.getThrown() != null) {
                thrown.add(event.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            GRPC.removeHandler(this);
        }
    }
}
