package dev.taskqueue.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Help;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.taskqueue.gateway.calls.RpcTable;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same call over gRPC and over REST fails with the same code, sentence and details. */
class FailureMatrixTest {
    private static final String TOKEN = "producer-token";
    private static final String READER = "reader-token";
    private static final String LOCATION = TestGateway.PARENT;
    private static final String QUEUE = LOCATION + "/queues/orders";
    private static final TypeRegistry DETAILS = TypeRegistry.newBuilder()
            .add(BadRequest.getDescriptor())
            .add(ErrorInfo.getDescriptor())
            .add(Help.getDescriptor())
            .add(RetryInfo.getDescriptor())
            .build();

    private static final MemoryCluster CLUSTER = new MemoryCluster();
    private static TestGateway gateway;

    /**
     * A call that fails.
     *
     * @param method its gRPC name
     * @param message its gRPC message, as JSON
     * @param verb of REST, with the path in {@code path} and the body in {@code body}
     */
    record Case(String token, Code code, String method, String message, String verb, String path, String body) {
        @Override
        public String toString() {
            return method + " " + message + " is " + code;
        }
    }

    @BeforeAll
    static void start() {
        CLUSTER.token(TOKEN, "system:serviceaccount:shop:producer", TestGateway.AUDIENCE);
        CLUSTER.token(READER, "system:serviceaccount:shop:reader", TestGateway.AUDIENCE);
        for (String right : new String[] {
            "create tasks", "get taskqueues", "list tasks", "get tasks", "delete tasks", "deletecollection tasks"
        }) {
            CLUSTER.deny("system:serviceaccount:shop:reader", right);
        }
        CLUSTER.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
        CLUSTER.put(
                "shop",
                "taskqueues",
                "{\"metadata\":{\"name\":\"held\",\"annotations\":{\"taskqueue.dev/hold\":\"audit\"}},\"spec\":{},\"status\":{\"state\":\"Held\"}}");
        CLUSTER.put(
                "shop",
                "tasks",
                "{\"metadata\":{\"name\":\"ended\"},\"spec\":{\"queueRef\":{\"name\":\"orders\"}},\"status\":{\"state\":\"Succeeded\"}}");
        gateway = new TestGateway(CLUSTER, TestGateway.rules(TestGateway.MAPPING));
        gateway.rest("POST", "/v2/" + QUEUE + "/tasks", TOKEN, "{\"task\":" + task("taken", "") + "}");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static String task(String id, String more) {
        return "{\"name\":\"" + QUEUE + "/tasks/" + id + "\",\"httpRequest\":{\"url\":\"http://order-worker/\"" + more
                + "}}";
    }

    private static String url(String url) {
        return "{\"httpRequest\":{\"url\":\"" + url + "\"}}";
    }

    private static Case create(Code code, String queue, String task) {
        return new Case(
                TOKEN,
                code,
                "CreateTask",
                "{\"parent\":\"" + queue + "\",\"task\":" + task + "}",
                "POST",
                queue + "/tasks",
                "{\"task\":" + task + "}");
    }

    private static Case byName(Code code, String method, String verb, String name, String suffix) {
        return new Case(
                TOKEN,
                code,
                method,
                "{\"name\":\"" + name + "\"}",
                verb,
                name + suffix,
                verb.equals("POST") ? "{}" : "");
    }

    static Stream<Case> cases() {
        String missing = LOCATION + "/queues/missing";
        String body = "\"" + "YWFh".repeat(90_000) + "\"";
        return Stream.of(
                create(Code.ALREADY_EXISTS, QUEUE, task("taken", "")),
                create(Code.NOT_FOUND, missing, url("http://order-worker/")),
                create(Code.INVALID_ARGUMENT, LOCATION + "/queues/under_score", url("http://order-worker/")),
                create(Code.INVALID_ARGUMENT, LOCATION + "/queues/-dash", url("http://order-worker/")),
                create(Code.INVALID_ARGUMENT, QUEUE, task("a.b", "")),
                create(Code.INVALID_ARGUMENT, QUEUE, task("x", "").replace("orders", "payments")),
                create(Code.INVALID_ARGUMENT, QUEUE, "{}"),
                create(Code.INVALID_ARGUMENT, QUEUE, url("")),
                create(Code.INVALID_ARGUMENT, QUEUE, url("ftp://order-worker/")),
                create(Code.INVALID_ARGUMENT, QUEUE, url("https://evil.example/")),
                create(Code.INVALID_ARGUMENT, QUEUE, url("https://a.payments.svc/")),
                create(Code.INVALID_ARGUMENT, QUEUE, url("http://user@order-worker/")),
                create(Code.INVALID_ARGUMENT, QUEUE, task("h", ",\"headers\":{\"TaskQueue-Attempt\":\"1\"}")),
                create(Code.INVALID_ARGUMENT, QUEUE, task("b", ",\"httpMethod\":\"GET\",\"body\":\"YQ==\"")),
                create(Code.INVALID_ARGUMENT, QUEUE, task("b", ",\"body\":" + body)),
                create(Code.INVALID_ARGUMENT, QUEUE, task("o", ",\"oauthToken\":{}")),
                create(Code.INVALID_ARGUMENT, QUEUE, task("o", ",\"oidcToken\":{\"serviceAccountEmail\":\"x@demo\"}")),
                create(
                        Code.INVALID_ARGUMENT,
                        QUEUE,
                        task("d", "").replaceFirst("\\{", "{\"dispatchDeadline\":\"1s\",")),
                create(
                        Code.INVALID_ARGUMENT,
                        QUEUE,
                        task("s", "").replaceFirst("\\{", "{\"scheduleTime\":\"2126-01-01T00:00:00Z\",")),
                create(Code.FAILED_PRECONDITION, QUEUE, "{\"appEngineHttpRequest\":{}}"),
                create(
                        Code.PERMISSION_DENIED,
                        "projects/other/locations/us-central1/queues/orders",
                        url("http://order-worker/")),
                byName(Code.NOT_FOUND, "GetTask", "GET", QUEUE + "/tasks/missing", ""),
                byName(Code.NOT_FOUND, "GetTask", "GET", QUEUE + "/tasks/ended", ""),
                byName(Code.NOT_FOUND, "RunTask", "POST", QUEUE + "/tasks/ended", ":run"),
                byName(Code.NOT_FOUND, "DeleteTask", "DELETE", QUEUE + "/tasks/missing", ""),
                byName(Code.NOT_FOUND, "GetQueue", "GET", missing, ""),
                byName(Code.NOT_FOUND, "PauseQueue", "POST", missing, ":pause"),
                byName(Code.NOT_FOUND, "PurgeQueue", "POST", missing, ":purge"),
                byName(Code.NOT_FOUND, "DeleteQueue", "DELETE", missing, ""),
                byName(Code.FAILED_PRECONDITION, "ResumeQueue", "POST", LOCATION + "/queues/held", ":resume"),
                byName(Code.INVALID_ARGUMENT, "GetQueue", "GET", LOCATION + "/queues/under_score", ""),
                list(Code.INVALID_ARGUMENT, "ListTasks", QUEUE, "tasks", "pageSize", "-1"),
                list(Code.INVALID_ARGUMENT, "ListTasks", QUEUE, "tasks", "pageToken", "abc"),
                list(Code.INVALID_ARGUMENT, "ListQueues", LOCATION, "queues", "filter", "rate>1"),
                list(Code.NOT_FOUND, "ListTasks", missing, "tasks", "pageSize", "1"),
                queue(Code.ALREADY_EXISTS, "{\"name\":\"" + QUEUE + "\"}"),
                queue(Code.INVALID_ARGUMENT, "{\"name\":\"projects/demo/locations/elsewhere/queues/q\"}"),
                queue(
                        Code.INVALID_ARGUMENT,
                        "{\"name\":\"" + missing + "\",\"rateLimits\":{\"maxDispatchesPerSecond\":-1}}"),
                queue(
                        Code.INVALID_ARGUMENT,
                        "{\"name\":\"" + missing
                                + "\",\"retryConfig\":{\"minBackoff\":\"10s\",\"maxBackoff\":\"1s\"}}"),
                new Case(
                        TOKEN,
                        Code.INVALID_ARGUMENT,
                        "UpdateQueue",
                        "{\"queue\":{\"name\":\"" + QUEUE + "\"},\"updateMask\":\"colour\"}",
                        "PATCH",
                        QUEUE + "?updateMask=colour",
                        "{\"name\":\"" + QUEUE + "\"}"),
                new Case(
                        TOKEN,
                        Code.UNIMPLEMENTED,
                        "SetIamPolicy",
                        "{\"resource\":\"" + QUEUE + "\"}",
                        "POST",
                        QUEUE + ":setIamPolicy",
                        "{}"),
                as(READER, Code.PERMISSION_DENIED, create(Code.OK, QUEUE, url("http://order-worker/"))),
                as(READER, Code.PERMISSION_DENIED, create(Code.OK, missing, url("http://order-worker/"))),
                as(READER, Code.PERMISSION_DENIED, byName(Code.OK, "GetQueue", "GET", QUEUE, "")),
                as(READER, Code.PERMISSION_DENIED, byName(Code.OK, "DeleteQueue", "DELETE", QUEUE, "")),
                as("nobody", Code.UNAUTHENTICATED, byName(Code.OK, "GetQueue", "GET", QUEUE, "")),
                as("", Code.UNAUTHENTICATED, create(Code.OK, QUEUE, url("http://order-worker/"))));
    }

    private static Case list(Code code, String method, String parent, String things, String field, String value) {
        String json = field.equals("pageSize") ? value : "\"" + value + "\"";
        return new Case(
                TOKEN,
                code,
                method,
                "{\"parent\":\"" + parent + "\",\"" + field + "\":" + json + "}",
                "GET",
                parent + "/" + things + "?" + field + "=" + value.replace(">", "%3E"),
                "");
    }

    private static Case queue(Code code, String queue) {
        return new Case(
                TOKEN,
                code,
                "CreateQueue",
                "{\"parent\":\"" + LOCATION + "\",\"queue\":" + queue + "}",
                "POST",
                LOCATION + "/queues",
                queue);
    }

    private static Case as(String token, Code code, Case call) {
        return new Case(token, code, call.method(), call.message(), call.verb(), call.path(), call.body());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothTransportsFailAlike(Case call) throws IOException {
        Status grpc = grpc(call);
        assertThat(Code.forNumber(grpc.getCode())).isEqualTo(call.code());
        assertThat(rest(call)).isEqualTo(grpc);
    }

    private static Status grpc(Case call) throws InvalidProtocolBufferException {
        var method = RpcTable.TASKS.findMethodByName(call.method());
        var builder = DynamicMessage.newBuilder(method.getInputType());
        JsonFormat.parser().merge(call.message(), builder);
        var descriptor = MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(RpcTable.TASKS.getFullName(), call.method()))
                .setRequestMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
                .setResponseMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
                .build();
        var headers = new Metadata();
        if (!call.token().isEmpty()) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + call.token());
        }
        var channel =
                ClientInterceptors.intercept(gateway.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));
        var failure = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, descriptor, CallOptions.DEFAULT, builder.build()));
        return Objects.requireNonNull(StatusProto.fromThrowable(Objects.requireNonNull(failure, "it succeeded")));
    }

    private static Status rest(Case call) throws IOException {
        HttpResponse<String> answer = gateway.rest(call.verb(), "/v2/" + call.path(), call.token(), call.body());
        JsonNode error = ObjectJson.MAPPER.readTree(answer.body()).path("error");
        assertThat(error.path("code").asInt()).isEqualTo(answer.statusCode());
        Status.Builder status = Status.newBuilder();
        if (error.has("details")) {
            JsonFormat.parser().usingTypeRegistry(DETAILS).merge("{\"details\":" + error.path("details") + "}", status);
        }
        return status.setCode(Code.valueOf(error.path("status").asText()).getNumber())
                .setMessage(error.path("message").asText())
                .build();
    }
}
