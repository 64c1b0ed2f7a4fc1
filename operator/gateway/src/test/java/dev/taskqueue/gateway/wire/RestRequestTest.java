package dev.taskqueue.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests over REST that say something in two ways. */
class RestRequestTest {
    private static final String TOKEN = "producer-token";
    private static final MemoryCluster CLUSTER = new MemoryCluster();
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        CLUSTER.token(TOKEN, "system:serviceaccount:shop:producer", TestGateway.AUDIENCE);
        CLUSTER.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
        gateway = new TestGateway(CLUSTER, TestGateway.rules(TestGateway.MAPPING));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** Hand-written JSON that the parser of messages takes is taken still. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'task':{'httpRequest':{'url':'http://order-worker/'}}}",
                "{task:{httpRequest:{url:\"http://order-worker/\"}}}",
                "{\"task\":{/* where to */\"httpRequest\":{\"url\":\"http://order-worker/\"}}}\n",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\",\"headers\":{\"a_b\":\"1\",\"aB\":\"2\"}}}}",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"}},\"responseView\":NaN}"
            })
    void jsonThatIsClearIsNotRefusedForItsForm(String body) {
        var answer = gateway.rest("POST", "/v2/" + QUEUE + "/tasks", TOKEN, body);
        assertThat(answer.body()).doesNotContain("behind the end", "twice", "Unexpected character");
    }

    /** A reader that takes the first name, or the last value, would see another task. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"task\":{},\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"}}}",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\",\"url\":\"http://other/\"}}}",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\",\"headers\":{\"A\":\"1\",\"A\":\"2\"}}}}",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\",\"httpMethod\":\"PUT\",\"http_method\":\"GET\"}}}",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"}}} {\"task\":{}}",
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"}}}]"
            })
    void jsonThatTwoReadersCouldReadDifferentlyIsRefused(String body) {
        int before = CLUSTER.all("shop", "tasks").size();
        var answer = gateway.rest("POST", "/v2/" + QUEUE + "/tasks", TOKEN, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("INVALID_ARGUMENT");
        assertThat(CLUSTER.all("shop", "tasks")).hasSize(before);
    }

    /** The parser of messages takes these, and means another day or hour by them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-02-30T12:00:00Z",
                "2026-13-01T12:00:00Z",
                "2026-01-01T25:61:00Z",
                "2026-01-01T12:00:00+99:99",
                "2026-01-01T12:00:00-18:01",
                "tomorrow"
            })
    void aTimeThatThereIsNotIsRefusedAndItsFieldNamed(String time) {
        int before = CLUSTER.all("shop", "tasks").size();
        for (String field : List.of("scheduleTime", "schedule_time")) {
            var answer = gateway.rest(
                    "POST",
                    "/v2/" + QUEUE + "/tasks",
                    TOKEN,
                    "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"},\"" + field + "\":\"" + time
                            + "\"}}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("\"field\":\"task.schedule_time\"", time);
        }
        var queue = gateway.rest("PATCH", "/v2/" + QUEUE, TOKEN, "{\"purgeTime\":\"" + time + "\"}");
        assertThat(queue.statusCode()).as(queue.body()).isEqualTo(400);
        assertThat(queue.body()).contains("\"field\":\"queue.purge_time\"");
        assertThat(CLUSTER.all("shop", "tasks")).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2028-02-29T12:00:00Z",
                "2026-01-01T12:00:00.123456789Z",
                "2026-01-01T12:00:00.1+05:45",
                "2026-01-01T12:00:00-00:00"
            })
    void aTimeThatThereIsIsTaken(String time) {
        var answer = gateway.rest(
                "POST",
                "/v2/" + QUEUE + "/tasks",
                TOKEN,
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\",\"headers\":{\"scheduleTime\":\"x\"}},"
                        + "\"createTime\":\"" + time + "\",\"firstAttempt\":{\"dispatchTime\":\"" + time
                        + "\",\"responseStatus\":{\"code\":1}}}}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void whatTheBodyOrThePathSaysIsNotSaidInTheQueryToo() {
        for (String query : List.of("queue.rateLimits.maxConcurrentDispatches=9", "queue.name=x", "queue=x")) {
            assertThat(gateway.rest("PATCH", "/v2/" + QUEUE + "?" + query, TOKEN, "{}")
                            .statusCode())
                    .isEqualTo(400);
        }
        assertThat(gateway.rest("GET", "/v2/" + QUEUE + "/tasks?parent=" + QUEUE + "-2", TOKEN, "")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aBodyInAnotherEncodingIsNotReadAsIfItHadNone() {
        var answer = gateway.rest(
                "POST",
                "/v2/" + QUEUE + "/tasks",
                TOKEN,
                "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/\"}}}",
                "Content-Encoding",
                "deflate");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("Content-Encoding");
    }
}
