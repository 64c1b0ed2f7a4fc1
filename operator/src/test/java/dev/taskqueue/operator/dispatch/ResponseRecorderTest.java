package dev.taskqueue.operator.dispatch;

import static dev.taskqueue.operator.dispatch.TestingRequests.outcome;
import static dev.taskqueue.operator.dispatch.TestingRequests.recording;
import static dev.taskqueue.operator.dispatch.TestingRequests.request;
import static dev.taskqueue.operator.dispatch.TestingRequests.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.ResponseSnippet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is kept of an answer on a bare socket. */
class ResponseRecorderTest {
    private static final String TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

    /** The bytes of these bodies are those of ISO 8859-1. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
            JSON                              | Content-Type: application/json                   | {"error":"no stock"}  | {"error":"no stock"}
            a problem in JSON                 | content-type: APPLICATION/problem+JSON           | {"title":"x"}         | {"title":"x"}
            XML                               | Content-Type: application/xml                    | <a/>                  | <a/>
            a form                            | Content-Type: application/x-www-form-urlencoded  | a=b                   | a=b
            plain text                        | Content-Type: text/plain                         | no stock              | no stock
            its charset counts                | Content-Type: text/plain; charset=iso-8859-1     | für 5 ¤               | für 5 ¤
            UTF-8 that is none is repaired    | Content-Type: text/plain                         | für                   | f\uFFFDr
            an unknown charset may be UTF-8   | Content-Type: text/plain; charset=klingon        | no stock              | no stock
            an unknown charset that is not    | Content-Type: text/plain; charset=klingon        | für                   | -
            without a type UTF-8 is text      | X-A: b                                           | fÃ¼r                  | für
            without a type bytes are not      | X-A: b                                           | \u0089PNGÿ            | -
            a picture                         | Content-Type: image/png                          | abc                   | -
            bytes                             | Content-Type: application/octet-stream           | abc                   | -
            compressed text                   | Content-Encoding: gzip                           | abc                   | -
            identity is not compressed        | Content-Encoding: identity                       | abc                   | abc
            nothing                           | Content-Type: text/plain                         | ``                    | -
            """)
    void theTextOfAFailedAnswerIsKept(String story, String header, String body, @Nullable String kept)
            throws IOException, InterruptedException {
        String answer = "HTTP/1.1 500 Oops\r\n" + header + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        assertThat(snippet(answer)).as(story).isEqualTo(kept);
    }

    @Test
    void whatATerminalActsOnIsEscaped() throws IOException, InterruptedException {
        String body = "a\r\n\tb\u001b[31m\u0000\u007f \u00e2\u0080\u00ae \u00e2\u0080\u00a8 \\";
        assertThat(snippet(plain(500, body))).isEqualTo("a\\r\\n\\tb\\u001b[31m\\u0000\\u007f \\u202e \\u2028 \\");
    }

    @Test
    void theFirst1024CharactersAreKeptAndNoneIsCut() throws IOException, InterruptedException {
        assertThat(snippet(plain(503, "x".repeat(30_000)))).isEqualTo("x".repeat(1024));
        assertThat(snippet(plain(503, "x".repeat(1023) + "\nx"))).isEqualTo("x".repeat(1023));
        String emoji = "\u00f0\u009f\u0098\u0080";
        assertThat(snippet(plain(503, "x".repeat(1023) + emoji))).isEqualTo("x".repeat(1023));
        assertThat(snippet(plain(503, "x".repeat(1022) + emoji))).isEqualTo("x".repeat(1022) + "😀");
        assertThat(snippet(plain(503, "\u0001".repeat(9_000))))
                .hasSizeLessThanOrEqualTo(1024)
                .endsWith("\\u0001");
    }

    @Test
    void chunksArePutTogether() throws IOException, InterruptedException {
        assertThat(
                        snippet(
                                "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno \r\n5\r\norder\r\n0\r\n\r\n"))
                .isEqualTo("no order");
    }

    @ParameterizedTest
    @CsvSource({"200", "204", "201"})
    void nothingIsKeptOfASuccess(int status) throws IOException, InterruptedException {
        assertThat(snippet(plain(status, status == 204 ? "" : "fine"))).isNull();
    }

    @ParameterizedTest
    @CsvSource({"302", "400", "429", "503"})
    void everyFailedAnswerIsKept(int status) throws IOException, InterruptedException {
        assertThat(snippet(plain(status, "why"))).isEqualTo("why");
    }

    @Test
    void nothingIsKeptUnlessTheQueueSaysSo() throws IOException, InterruptedException {
        assertThat(snippet(plain(500, "why"), null)).isNull();
    }

    @Test
    void whatCameBeforeTheWorkerFellSilentIsKept() throws IOException, InterruptedException {
        try (var dispatcher = TestingRequests.dispatcher();
                var worker = RawSocketWorker.that((conversation, request) -> {
                    conversation.write("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf a sen");
                    conversation.close();
                })) {
            var request = recording(request(target(worker), "POST"), new RecordedSecrets(List.of()));
            assertThat(snippet(outcome(dispatcher, request))).isEqualTo("half a sen");
        }
    }

    @Test
    void aBodyThatNeverEndsEndsWithTheDeadlineAsBefore() throws IOException {
        try (var dispatcher = TestingRequests.dispatcher();
                var worker = RawSocketWorker.that((conversation, request) -> {
                    conversation.write("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf");
                    conversation.hang();
                })) {
            var request = recording(
                    TestingRequests.within(Duration.ofMillis(300), request(target(worker), "POST")),
                    new RecordedSecrets(List.of()));
            assertThat(snippet(outcome(dispatcher, request))).isEqualTo("half");
        }
    }

    @Test
    void secretsThatTheWorkerSendsBackAreHidden() throws IOException, InterruptedException {
        var secrets = new RecordedSecrets(List.of(TOKEN, "s3cr3t", "abc"));
        assertThat(snippet(plain(401, "bad token " + TOKEN + ", key s3cr3t, abc"), secrets))
                .isEqualTo("bad token ***, key ***, abc");
        assertThat(snippet(plain(401, "bad token " + TOKEN.substring(0, 20) + " ..."), secrets))
                .as("a worker may cut it")
                .isEqualTo("bad token *** ...");
        assertThat(snippet(plain(401, "x".repeat(1010) + TOKEN.repeat(200)), secrets))
                .as("and the end of the snippet, too")
                .doesNotContain("eyJ");
    }

    @Test
    void neitherAnOutcomeNorARequestShowsItInALog() {
        var snippet = new ResponseSnippet("private");
        assertThat(Outcome.Answered.of(500).with(snippet).toString()).doesNotContain("private");
        assertThat(new RecordedSecrets(List.of("private")).toString()).doesNotContain("private");
        assertThat(Outcome.Answered.of(500).with(snippet).message()).isEqualTo("The worker answered 500.");
    }

    private static String plain(int status, String body) {
        String length = status == 204 ? "" : "Content-Length: " + body.length() + "\r\n";
        return "HTTP/1.1 " + status + " X\r\nContent-Type: text/plain\r\n" + length + "\r\n" + body;
    }

    private static @Nullable String snippet(String answer) throws IOException, InterruptedException {
        return snippet(answer, new RecordedSecrets(List.of()));
    }

    private static @Nullable String snippet(String answer, @Nullable RecordedSecrets secrets)
            throws IOException, InterruptedException {
        try (var dispatcher = TestingRequests.dispatcher();
                var worker = RawSocketWorker.answering(answer)) {
            return snippet(outcome(dispatcher, recording(request(target(worker), "POST"), secrets)));
        }
    }

    private static @Nullable String snippet(Outcome outcome) {
        ResponseSnippet snippet = ((Outcome.Answered) outcome).snippet();
        return snippet == null ? null : snippet.text();
    }
}
