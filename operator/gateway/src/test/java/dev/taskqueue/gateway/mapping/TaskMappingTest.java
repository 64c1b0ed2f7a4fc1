package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.OAuthToken;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A task of Cloud Tasks as a Task, and back. */
class TaskMappingTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final QueueName QUEUE =
            QueueName.parse("projects/demo/locations/us-central1/queues/orders", "parent");
    private static final QueueSnapshot PLAIN = new QueueSnapshot("orders", "orders", false, false, null);
    private static final QueueSnapshot APP_ENGINE = new QueueSnapshot("orders", "orders", true, false, null);
    private static final MappingRules RULES = ((MappingReader.Reading.Valid) MappingReader.read("""
                    namespaces: [{project: demo, location: "*", namespace: shop}]
                    appEngine: [{namespace: shop, service: worker, version: v2, serviceRef: {name: worker-v2, port: http}}]
                    oidc: [{namespace: shop, email: sa@demo.iam.gserviceaccount.com, serviceAccount: task-dispatcher}]
                    """)).rules();

    private static ObjectNode write(Task task, QueueSnapshot queue) {
        return new TaskObjectWriter(
                        RULES, new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)), (n, s) -> false, n -> {})
                .write(task, queue, "shop", "key_1", "request-1", NOW);
    }

    private static ObjectNode http(Consumer<HttpRequest.Builder> change) {
        var http = HttpRequest.newBuilder().setUrl("http://order-worker/a?b=c");
        change.accept(http);
        return write(Task.newBuilder().setHttpRequest(http).build(), PLAIN);
    }

    private static JsonNode spec(ObjectNode object) {
        return object.at("/spec/httpRequest");
    }

    private static void refused(Code code, String message, Runnable work) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(work::run)
                .withMessageContaining(message)
                .extracting(RpcFailure::code)
                .isEqualTo(code);
    }

    @Test
    void theSmallestTaskIsAPostToItsService() throws IOException {
        ObjectNode object = http(http -> {});
        assertThat(object).isEqualTo(ObjectJson.MAPPER.readTree("""
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "Task",
                 "metadata": {"name": "%s", "namespace": "shop", "annotations": {
                   "taskqueue.dev/key": "key_1", "gateway.taskqueue.dev/request": "request-1",
                   "gateway.taskqueue.dev/url": "http://order-worker/a?b=c"}},
                 "spec": {"queueRef": {"name": "orders"}, "httpRequest": {
                   "serviceRef": {"name": "order-worker", "port": 80}, "scheme": "HTTP", "path": "/a?b=c", "method": "POST"}}}
                """.formatted(
                        dev.taskqueue.client.TaskNames.of("orders", "key_1"))));
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpMethod.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"HTTP_METHOD_UNSPECIFIED", "UNRECOGNIZED"})
    void aMethodKeepsItsName(HttpMethod method) {
        ObjectNode object = http(http -> http.setHttpMethod(method));
        assertThat(spec(object).path("method").asText()).isEqualTo(method.name());
        assertThat(TaskMessageWriter.write(object, QUEUE, Task.View.BASIC)
                        .getHttpRequest()
                        .getHttpMethod())
                .isEqualTo(method);
    }

    @Test
    void aNumberThatIsNoMethodIsRefused() {
        refused(Code.INVALID_ARGUMENT, "stands for no method", () -> http(http -> http.setHttpMethodValue(99)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "content-length",
                "User-Agent",
                "X-Google-Foo",
                "X-AppEngine-TaskName",
                "x-cloudtasks-queuename",
                "Connection",
                "Keep-Alive",
                "TE",
                "Upgrade",
                "Transfer-Encoding",
                "Proxy-Authorization"
            })
    void aHeaderThatCloudTasksDropsIsDropped(String name) {
        assertThat(spec(http(http -> http.putHeaders(name, "x"))).has("headers"))
                .isFalse();
    }

    @Test
    void otherHeadersKeepTheirCasing() {
        assertThat(spec(http(http -> http.putHeaders("X-CuStom", "v")))
                        .at("/headers/X-CuStom")
                        .asText())
                .isEqualTo("v");
    }

    @Test
    void headersOfTheOperatorAndASecondAuthorizationAreRefused() {
        refused(Code.INVALID_ARGUMENT, "TaskQueue-", () -> http(http -> http.putHeaders("taskqueue-attempt", "1")));
        refused(
                Code.INVALID_ARGUMENT,
                "Authorization",
                () -> http(http -> http.putHeaders("authorization", "x")
                        .setOidcToken(
                                OidcToken.newBuilder().setServiceAccountEmail("sa@demo.iam.gserviceaccount.com"))));
    }

    @Test
    void aBodyIsTextWhereItCanBe() {
        assertThat(spec(http(http -> http.setBody(ByteString.copyFromUtf8("hällo"))))
                        .path("body")
                        .asText())
                .isEqualTo("hällo");
        assertThat(spec(http(http -> http.setBody(ByteString.copyFrom(new byte[] {1, 0, 2}))))
                        .path("bodyBase64")
                        .asText())
                .isEqualTo("AQAC");
        assertThat(spec(http(http -> http.setBody(ByteString.copyFrom(new byte[] {(byte) 0xff}))))
                        .path("bodyBase64")
                        .asText())
                .isEqualTo("/w==");
    }

    @Test
    void aBodyHasABoundAndAMethod() {
        refused(
                Code.INVALID_ARGUMENT,
                "Task size too large",
                () -> http(http -> http.setBody(ByteString.copyFrom(new byte[262_145]))));
        assertThat(spec(http(http -> http.setBody(ByteString.copyFromUtf8("a".repeat(262_144)))))
                        .has("body"))
                .isTrue();
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.DELETE, HttpMethod.OPTIONS)) {
            refused(
                    Code.INVALID_ARGUMENT,
                    "A body is only allowed",
                    () -> http(http -> http.setHttpMethod(method).setBody(ByteString.copyFromUtf8("a"))));
        }
    }

    @Test
    void anOidcTokenIsThatOfTheServiceAccountThatStandsForTheEmail() {
        ObjectNode object = http(http ->
                http.setOidcToken(OidcToken.newBuilder().setServiceAccountEmail("sa@demo.iam.gserviceaccount.com")));
        assertThat(spec(object).at("/serviceAccountToken/serviceAccountName").asText())
                .isEqualTo("task-dispatcher");
        assertThat(spec(object).at("/serviceAccountToken/audience").asText()).isEqualTo("http://order-worker/a");
        OidcToken back = TaskMessageWriter.write(object, QUEUE, Task.View.BASIC)
                .getHttpRequest()
                .getOidcToken();
        assertThat(back.getServiceAccountEmail()).isEqualTo("sa@demo.iam.gserviceaccount.com");
        refused(
                Code.INVALID_ARGUMENT,
                "gateway.oidc",
                () -> http(http -> http.setOidcToken(OidcToken.newBuilder().setServiceAccountEmail("other@demo"))));
    }

    @Test
    void anOauthTokenIsRefused() {
        refused(Code.INVALID_ARGUMENT, "oauth_token", () -> http(http -> http.setOauthToken(OAuthToken.newBuilder())));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-30T12:00:01.123456789Z, 2026-11-30T12:00:01.123456Z",
        "2026-11-30T11:00:00Z,",
        "2026-11-30T12:00:00Z,"
    })
    void aTimeToComeIsKeptToTheMicrosecond(String given, String kept) {
        Instant time = Instant.parse(given);
        ObjectNode object = write(
                Task.newBuilder()
                        .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/"))
                        .setScheduleTime(ProtoTimes.timestamp(time))
                        .build(),
                PLAIN);
        assertThat(object.at("/spec/scheduleTime").asText(null)).isEqualTo(kept);
    }

    @Test
    void aTimeTooFarAheadAndAnImpossibleOneAreRefused() {
        var task = Task.newBuilder().setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/"));
        refused(
                Code.INVALID_ARGUMENT,
                "is too far in the future",
                () -> write(
                        task.setScheduleTime(ProtoTimes.timestamp(NOW.plus(Duration.ofDays(31))))
                                .build(),
                        PLAIN));
        refused(
                Code.INVALID_ARGUMENT,
                "no time",
                () -> write(
                        task.setScheduleTime(Timestamp.newBuilder().setNanos(-1))
                                .build(),
                        PLAIN));
    }

    @ParameterizedTest
    @CsvSource({"14999, ''", "15000, 15s", "1800000, 30m", "1800001, ''", "15500, 15s500ms"})
    void aDeadlineIsBetween15SecondsAnd30Minutes(long millis, String written) {
        Task task = Task.newBuilder()
                .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/"))
                .setDispatchDeadline(ProtoTimes.duration(Duration.ofMillis(millis)))
                .build();
        if (written.isEmpty()) {
            refused(
                    Code.INVALID_ARGUMENT,
                    "Task.dispatchDeadline must be between [15s, 30m].",
                    () -> write(task, PLAIN));
        } else {
            assertThat(write(task, PLAIN).at("/spec/dispatchDeadline").asText()).isEqualTo(written);
        }
    }

    private static Task appEngine(Consumer<AppEngineHttpRequest.Builder> change) {
        var request = AppEngineHttpRequest.newBuilder().setRelativeUri("/handle?x=1");
        change.accept(request);
        return Task.newBuilder().setAppEngineHttpRequest(request).build();
    }

    @Test
    void aTaskForAppEngineGoesToTheServiceOfItsRouting() {
        Task task = appEngine(request -> request.setBody(ByteString.copyFromUtf8("x"))
                .setAppEngineRouting(
                        AppEngineRouting.newBuilder().setService("worker").setVersion("v2")));
        ObjectNode object = write(task, APP_ENGINE);
        assertThat(spec(object).at("/serviceRef/name").asText()).isEqualTo("worker-v2");
        assertThat(spec(object).at("/headers/Content-Type").asText()).isEqualTo("application/octet-stream");
        AppEngineHttpRequest back =
                TaskMessageWriter.write(object, QUEUE, Task.View.FULL).getAppEngineHttpRequest();
        assertThat(back.getRelativeUri()).isEqualTo("/handle?x=1");
        assertThat(back.getAppEngineRouting().getService()).isEqualTo("worker");
        assertThat(back.getAppEngineRouting().getVersion()).isEqualTo("v2");
        assertThat(back.getAppEngineRouting().getHost()).isEqualTo("worker-v2.shop.svc");
        assertThat(back.getBody().toStringUtf8()).isEqualTo("x");
    }

    @Test
    void withoutARoutingTheServiceIsCalledDefault() {
        assertThat(spec(write(appEngine(request -> {}), APP_ENGINE))
                        .at("/serviceRef/name")
                        .asText())
                .isEqualTo("default");
        refused(
                Code.INVALID_ARGUMENT,
                "gateway.appEngine",
                () -> write(
                        appEngine(request -> request.setAppEngineRouting(
                                AppEngineRouting.newBuilder().setVersion("v9"))),
                        APP_ENGINE));
        refused(
                Code.INVALID_ARGUMENT,
                "instance",
                () -> write(
                        appEngine(request -> request.setAppEngineRouting(
                                AppEngineRouting.newBuilder().setInstance("i"))),
                        APP_ENGINE));
        refused(Code.FAILED_PRECONDITION, "headerFamilies", () -> write(appEngine(request -> {}), PLAIN));
    }

    @Test
    void theRoutingOfTheQueueWins() {
        var queue = new QueueSnapshot("orders", "orders", true, false, "{\"service\":\"worker\",\"version\":\"v2\"}");
        assertThat(spec(write(appEngine(request -> {}), queue))
                        .at("/serviceRef/name")
                        .asText())
                .isEqualTo("worker-v2");
    }

    @Test
    void aTaskWithoutARequestIsRefused() {
        refused(Code.INVALID_ARGUMENT, "is required", () -> write(Task.getDefaultInstance(), PLAIN));
    }

    @Test
    void theBodyIsInTheFullViewOnly() {
        ObjectNode object = http(http -> http.setBody(ByteString.copyFrom(new byte[] {0, 1})));
        assertThat(TaskMessageWriter.write(object, QUEUE, Task.View.VIEW_UNSPECIFIED)
                        .getHttpRequest()
                        .getBody())
                .isEmpty();
        assertThat(TaskMessageWriter.write(object, QUEUE, Task.View.FULL)
                        .getHttpRequest()
                        .getBody()
                        .toByteArray())
                .containsExactly(0, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "400,3", "401,16", "403,7", "404,5", "409,6", "429,8", "499,1", "500,13", "501,12", "503,14", "504,4", "302,2",
        "418,2", "204,0"
    })
    void theLastAttemptHasACodeOfGoogle(int status, int code) {
        assertThat(AttemptStatus.of(status, "").getCode()).isEqualTo(code);
    }

    @Test
    void theLastAttemptSaysWhatHappened() {
        assertThat(AttemptStatus.of(503, "Unavailable").getMessage())
                .isEqualTo("UNAVAILABLE(14): HTTP status code 503");
        assertThat(AttemptStatus.of(0, "DeadlineExceeded").getCode()).isEqualTo(4);
        assertThat(AttemptStatus.of(0, "ConnectionRefused").getMessage()).isEqualTo("UNKNOWN(2): ConnectionRefused");
    }

    @Test
    void theStatusOfATaskIsThatOfItsObject() throws IOException {
        JsonNode object = ObjectJson.MAPPER.readTree("""
                {"metadata": {"name": "plain", "namespace": "shop", "creationTimestamp": "2026-11-30T10:00:00Z"},
                 "spec": {"queueRef": {"name": "orders"}, "delay": "30s", "dispatchDeadline": "2m",
                          "httpRequest": {"serviceRef": {"name": "w", "port": "http"}, "scheme": "HTTPS", "path": "/p", "method": "PUT"}},
                 "status": {"dispatchCount": 3, "responseCount": 2, "nextAttemptTime": "2026-11-30T11:00:00.5Z",
                            "firstAttempt": {"dispatchTime": "2026-11-30T10:00:31Z"},
                            "lastAttempt": {"number": 3, "dispatchTime": "2026-11-30T10:30:00Z", "responseTime": "2026-11-30T10:30:01Z", "statusCode": 503}}}
                """);
        Task task = TaskMessageWriter.write(object, QUEUE, Task.View.BASIC);
        assertThat(task.getName()).isEqualTo(QUEUE + "/tasks/plain");
        assertThat(task.getHttpRequest().getUrl()).isEqualTo("https://w.shop.svc:http/p");
        assertThat(task.getScheduleTime()).isEqualTo(ProtoTimes.timestamp(Instant.parse("2026-11-30T11:00:00.5Z")));
        assertThat(task.getDispatchDeadline().getSeconds()).isEqualTo(120);
        assertThat(task.getDispatchCount()).isEqualTo(3);
        assertThat(task.getResponseCount()).isEqualTo(2);
        assertThat(task.getFirstAttempt().getDispatchTime().getSeconds())
                .isEqualTo(Instant.parse("2026-11-30T10:00:31Z").getEpochSecond());
        assertThat(task.getFirstAttempt().hasResponseStatus()).isFalse();
        assertThat(task.getLastAttempt().getResponseStatus().getCode()).isEqualTo(14);
    }

    @Test
    void whatATaskHasComesBack() {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            HttpRequest.Builder http = HttpRequest.newBuilder()
                    .setUrl("http://w-" + random.nextInt(99) + "/p" + random.nextInt(99) + "?q=" + random.nextInt(9));
            http.setHttpMethod(random.nextBoolean() ? HttpMethod.PUT : HttpMethod.PATCH);
            byte[] body = new byte[random.nextInt(40)];
            random.nextBytes(body);
            http.setBody(ByteString.copyFrom(body));
            for (int h = random.nextInt(4); h > 0; h--) {
                http.putHeaders("X-H" + h, "v" + random.nextInt(9));
            }
            if (random.nextBoolean()) {
                http.setOidcToken(OidcToken.newBuilder()
                        .setServiceAccountEmail("sa@demo.iam.gserviceaccount.com")
                        .setAudience("aud" + i));
            }
            Task.Builder task = Task.newBuilder().setHttpRequest(http);
            if (random.nextBoolean()) {
                task.setScheduleTime(ProtoTimes.timestamp(NOW.plusMillis(1 + random.nextInt(1_000_000))));
            }
            if (random.nextBoolean()) {
                task.setDispatchDeadline(ProtoTimes.duration(Duration.ofMillis(15_000 + random.nextInt(1_000_000))));
            }
            Task back = TaskMessageWriter.write(write(task.build(), PLAIN), QUEUE, Task.View.FULL);
            assertThat(back.getHttpRequest().toBuilder()
                            .removeHeaders("User-Agent")
                            .build())
                    .isEqualTo(http.build());
            if (task.hasScheduleTime()) {
                assertThat(back.getScheduleTime()).isEqualTo(task.getScheduleTime());
            }
            if (task.hasDispatchDeadline()) {
                assertThat(back.getDispatchDeadline()).isEqualTo(task.getDispatchDeadline());
            }
        }
    }
}
