package dev.taskqueue.gateway.mapping;

import static dev.taskqueue.gateway.mapping.MappedTasks.NOW;
import static dev.taskqueue.gateway.mapping.MappedTasks.PLAIN;
import static dev.taskqueue.gateway.mapping.MappedTasks.QUEUE;
import static dev.taskqueue.gateway.mapping.MappedTasks.http;
import static dev.taskqueue.gateway.mapping.MappedTasks.refused;
import static dev.taskqueue.gateway.mapping.MappedTasks.spec;
import static dev.taskqueue.gateway.mapping.MappedTasks.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.OAuthToken;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.rpc.Code;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A task of Cloud Tasks as a Task. */
class TaskMappingTest {
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

    /** Servers such as those of WSGI and CGI make one name of both spellings, so a handler could take such a header for a true one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "X_AppEngine_TaskName",
                "X-AppEngine_QueueName",
                "x_cloudtasks_taskretrycount",
                "X_Google-Foo",
                "TaskQueue_Attempt",
                "Content_Length",
                "User_Agent"
            })
    void aHeaderThatServersTakeForOneOfTheseIsRefused(String name) {
        refused(Code.INVALID_ARGUMENT, name, () -> http(http -> http.putHeaders(name, "x")));
    }

    @Test
    void anotherHeaderMayHaveUnderscores() {
        assertThat(spec(http(http -> http.putHeaders("X_Custom", "v")))
                        .at("/headers/X_Custom")
                        .asText())
                .isEqualTo("v");
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

    @Test
    void aTaskWithoutARequestIsRefused() {
        refused(Code.INVALID_ARGUMENT, "is required", () -> write(Task.getDefaultInstance(), PLAIN));
    }
}
