package dev.taskqueue.operator.kube;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the table of answers, with every code in it. */
class WriteAnswerTest {
    private static final Duration THREE = Duration.ofSeconds(3);

    @Test
    void aStatusIsTheApiServersWord() {
        for (int code = 300; code < 600; code++) {
            assertThat(of(code, "{kind: 'Status'}")).as("code %d", code).isInstanceOf(expected(code));
        }
    }

    private static Class<? extends WriteAnswer> expected(int code) {
        return switch (code) {
            case 401, 408, 429 -> WriteAnswer.RetryLater.class;
            case 403 -> WriteAnswer.Forbidden.class;
            case 404 -> WriteAnswer.NotFound.class;
            case 409 -> WriteAnswer.Conflict.class;
            default -> code / 100 == 4 ? WriteAnswer.Rejected.class : WriteAnswer.RetryLater.class;
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{}", "[]", "{kind: 'Task'}", "{kind: 'status'}"})
    void whatComesFromSomethingOnTheWaySaysNothing(String body) {
        IntStream.range(300, 600)
                .forEach(code ->
                        assertThat(of(code, body)).as("code %d", code).isInstanceOf(WriteAnswer.RetryLater.class));
    }

    @Test
    void aPageIsNoStatusEither() {
        byte[] page = "<html>404 page not found".getBytes(UTF_8);
        assertThat(WriteAnswer.of(new ApiReply(404, page, Duration.ZERO))).isInstanceOf(WriteAnswer.RetryLater.class);
        assertThat(WriteAnswer.of(new ApiReply(200, page, Duration.ZERO))).isInstanceOf(WriteAnswer.Lost.class);
        assertThat(WriteAnswer.of(new ApiReply(200, new byte[0], Duration.ZERO)))
                .isInstanceOf(WriteAnswer.Lost.class);
    }

    @Test
    void aSuccessHandsOverItsObject() {
        for (int code = 200; code < 300; code++) {
            assertThat(of(code, "{metadata: {}}")).isEqualTo(new WriteAnswer.Done(json("{metadata: {}}")));
        }
    }

    @Test
    void theApiServerSaysHowLongToStayAway() {
        assertThat(of(429, "{kind: 'Status'}"))
                .isEqualTo(new WriteAnswer.RetryLater("the API server answered 429", THREE));
        assertThat(of(503, "{}")).isEqualTo(new WriteAnswer.RetryLater("the API server answered 503", THREE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    403 | {kind: 'Status', details: {causes: [{reason: 'NamespaceTerminating'}]}} | the namespace is being deleted
                    500 | {kind: 'Status', message: 'etcdserver: request is too large'} | the API server refused it with 500
                    422 | {kind: 'Status', message: 'private', details: {causes: [{field: 'status.completionTime', message: 'private'}, {field: 'status.completionTime'}, {field: '<nil>'}]}} | the API server refused it with 422 (status.completionTime)
                    422 | {kind: 'Status', message: 'tasks "a" is forbidden: ValidatingAdmissionPolicy \\'no-status\\' with binding \\'b\\' denied request: private'} | the API server refused it with 422 by ValidatingAdmissionPolicy no-status
                    400 | {kind: 'Status', message: 'admission webhook "deny.example.com" denied the request: private'} | the API server refused it with 400 by admission webhook deny.example.com
                    """)
    void theReasonNamesWhoRefusesAndNoValue(int code, String body, String why) {
        assertThat(of(code, body)).isEqualTo(new WriteAnswer.Rejected(why));
    }

    private static WriteAnswer of(int code, String body) {
        return WriteAnswer.of(new ApiReply(code, json(body).toString().getBytes(UTF_8), THREE));
    }
}
