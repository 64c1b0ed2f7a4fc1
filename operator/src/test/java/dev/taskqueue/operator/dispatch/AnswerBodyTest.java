package dev.taskqueue.operator.dispatch;

import static dev.taskqueue.operator.dispatch.TestingRequests.HOST;
import static dev.taskqueue.operator.dispatch.TestingRequests.LONG;
import static dev.taskqueue.operator.dispatch.TestingRequests.outcome;
import static dev.taskqueue.operator.dispatch.TestingRequests.request;
import static dev.taskqueue.operator.dispatch.TestingRequests.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests when an answer counts: its body may break, stay open, or come before the request was read. */
final class AnswerBodyTest {
    @AutoClose
    private final HttpDispatcher dispatcher = TestingRequests.dispatcher();

    /** A worker that is killed, or that promises more than it sends. The connection is closed after this text. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                "HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
                "HTTP/1.1 %d X\r\nContent-Length: 100\r\n\r\nhello",
                "HTTP/1.0 %d X\r\nContent-Length: 100\r\n\r\nhello",
                "HTTP/1.1 %d X\r\nContent-Length: 100\r\nContent-Encoding: gzip\r\n\r\nhello"
            })
    void aSuccessWhoseBodyBreaksIsNoneAndAFailureKeepsItsCode(String answer) throws Exception {
        try (var worker = RawSocketWorker.that((conversation, request) -> {
            conversation.write(answer.formatted(request.line().contains("/fails") ? 503 : 200));
            conversation.close();
        })) {
            assertThat(outcome(dispatcher, request(target(worker), "POST")))
                    .isEqualTo(new Outcome.Unanswered(
                            AttemptReason.ConnectionClosed,
                            HOST + ":" + worker.port() + " closed the connection in the middle of its answer 200;"
                                    + " look for crashes, and check its Content-Length."));
            assertThat(outcome(dispatcher, request(target(worker), "POST", "/fails", Map.of(), "")))
                    .isEqualTo(Outcome.Answered.of(503));
            assertThat(worker.finish()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\nall of it",
                "HTTP/1.0 200 OK\r\n\r\nall of it",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n"
            })
    void aBodyMayEndWithTheConnection(String answer) throws Exception {
        try (var worker = RawSocketWorker.that((conversation, request) -> {
            conversation.write(answer);
            conversation.close();
        })) {
            assertThat(outcome(dispatcher, request(target(worker), "POST")).isSuccess())
                    .isTrue();
        }
    }

    @Test
    void nobodyWaitsForTheRestOfALongBody() throws Exception {
        try (var worker = RawSocketWorker.that((conversation, request) -> {
            conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(100_000));
            conversation.hang();
        })) {
            assertThat(outcome(dispatcher, request(target(worker), "POST"))).isEqualTo(Outcome.Answered.of(200));
            assertThat(worker.received()).hasSize(1);
        }
    }

    /** The slot of the attempt is free as soon as this call returns, long before the deadline. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\n\r\nhello"
            })
    void aBodyThatStaysOpenIsCutOffAndTheAnswerCounts(String answer) throws Exception {
        assertThat(ConnectionLimits.DEFAULT.body()).isEqualTo(Duration.ofSeconds(5));
        var limits = new ConnectionLimits(LONG, LONG, Integer.MAX_VALUE, Duration.ofMillis(50));
        try (var impatient = TestingRequests.dispatcher(limits);
                var worker = RawSocketWorker.that((conversation, request) -> conversation.write(answer))) {
            assertThat(outcome(impatient, request(target(worker), "POST"))).isEqualTo(Outcome.Answered.of(200));
            worker.awaitEnd(1);
            assertThat(outcome(impatient, request(target(worker), "POST"))).isEqualTo(Outcome.Answered.of(200));
            assertThat(worker.connections()).isEqualTo(2);
        }
    }

    /**
     * The small body fits into the buffers of the two kernels, so it has left when the answer comes; the large one has not. Then the connection is
     * reset, because nobody has read the body.
     */
    @RepeatedTest(5)
    void anAnswerBeforeTheBodyWasReadCounts() throws Exception {
        for (int size : new int[] {1 << 20, 8 << 20}) {
            try (var worker = new HastyWorker(
                    "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) {
                assertThat(outcome(dispatcher, worker.request(size))).isEqualTo(Outcome.Answered.of(413));
            }
        }
    }

    @Test
    void withoutAnAnswerTheReasonSaysThatTheBodyWasNotTaken() throws Exception {
        try (var worker = new HastyWorker("")) {
            assertThat(outcome(dispatcher, worker.request(8 << 20)))
                    .isEqualTo(new Outcome.Unanswered(
                            AttemptReason.ConnectionClosed,
                            HOST + ":" + worker.port()
                                    + " closed the connection while the request was being sent; check how"
                                    + " large a body it accepts."));
        }
    }

    /** Reads the headers of one request, answers, and closes the connection with the body unread. */
    private static final class HastyWorker implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

        HastyWorker(String answer) throws IOException {
            Thread.startVirtualThread(() -> serve(answer));
        }

        int port() {
            return listener.getLocalPort();
        }

        OutboundRequest request(int size) {
            return TestingRequests.request(
                    target(listener.getInetAddress(), port()), "POST", "/", Map.of(), "x".repeat(size));
        }

        private void serve(String answer) {
            try (Socket socket = listener.accept()) {
                var head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) socket.getInputStream().read());
                }
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // The test has ended, or the client has closed the connection.
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
