package dev.taskqueue.gateway.mapping;

import static dev.taskqueue.gateway.mapping.MappedTasks.NOW;
import static dev.taskqueue.gateway.mapping.MappedTasks.PLAIN;
import static dev.taskqueue.gateway.mapping.MappedTasks.QUEUE;
import static dev.taskqueue.gateway.mapping.MappedTasks.http;
import static dev.taskqueue.gateway.mapping.MappedTasks.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Task as a task of Cloud Tasks, and what comes back of one that was written. */
class TaskMessageTest {
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
