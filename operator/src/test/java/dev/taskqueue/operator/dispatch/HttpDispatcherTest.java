package dev.taskqueue.operator.dispatch;

import static dev.taskqueue.operator.dispatch.TestingRequests.HOST;
import static dev.taskqueue.operator.dispatch.TestingRequests.expiring;
import static dev.taskqueue.operator.dispatch.TestingRequests.outcome;
import static dev.taskqueue.operator.dispatch.TestingRequests.request;
import static dev.taskqueue.operator.dispatch.TestingRequests.target;
import static dev.taskqueue.operator.dispatch.TestingRequests.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what is sent, and which outcome an answer or a missing answer leads to. */
final class HttpDispatcherTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final Duration SHORT = Duration.ofMillis(150);

    private final HttpDispatcher dispatcher = dispatcher(() -> true);

    private static HttpDispatcher dispatcher(Fence fence) {
        var clocks = new Clocks(InstantSource.fixed(NOW), System::nanoTime);
        return new HttpDispatcher(clocks, fence, new Random(1));
    }

    @AfterEach
    void close() {
        dispatcher.close();
    }

    @Test
    void theRequestIsWhatWasAskedFor() throws Exception {
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK)) {
            var headers = Map.of("X-Order", "4711", "Content-Type", "application/json");
            Outcome outcome = outcome(dispatcher, request(target(worker), "PUT", "/orders?id=1&x=%2F", headers, "{}"));

            assertThat(outcome).isEqualTo(Outcome.Answered.of(200));
            assertThat(worker.received()).singleElement().satisfies(received -> {
                assertThat(received.line()).isEqualTo("PUT /orders?id=1&x=%2F HTTP/1.1");
                assertThat(received.body()).isEqualTo("{}");
                assertThat(received.header("Host")).containsExactly(HOST);
                assertThat(received.header("X-Order")).containsExactly("4711");
                assertThat(received.header("Content-Type")).containsExactly("application/json");
                assertThat(received.header("Content-Length")).containsExactly("2");
                assertThat(received.header("Accept-Encoding")).containsExactly("identity");
                assertThat(received.header("Transfer-Encoding")).isEmpty();
            });
        }
    }

    @Test
    void whatMayNotLeaveAnyMoreIsHeldBackAlthoughTheConnectionStands() throws Exception {
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK);
                var frozen = dispatcher(() -> false)) {
            assertThat(frozen.send(request(target(worker), "POST", "/", Map.of(), "{}")))
                    .isInstanceOf(Departure.HeldBack.class);
            assertThat(worker.received()).isEmpty();
        }
    }

    @Test
    void whatExpiredWhileTheConnectionWasOpenedIsHeldBack() throws Exception {
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK)) {
            OutboundRequest request = request(target(worker), "POST", "/", Map.of(), "{}");
            assertThat(dispatcher.send(expiring(NOW, request))).isInstanceOf(Departure.HeldBack.class);
            assertThat(worker.received()).isEmpty();
            assertThat(outcome(dispatcher, expiring(NOW.plusMillis(1), request)))
                    .isEqualTo(Outcome.Answered.of(200));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH"})
    void aMissingBodyIsSentAsAnEmptyOne(String method) throws Exception {
        var received = receivedOf(method, "");
        assertThat(received.header("Content-Length")).containsExactly("0");
        assertThat(received.header("Content-Type")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS"})
    void otherMethodsSendNoBodyEvenIfThereIsOne(String method) throws Exception {
        var received = receivedOf(method, "unwanted");
        assertThat(received.line()).isEqualTo(method + " / HTTP/1.1");
        assertThat(received.header("Content-Length")).isEmpty();
        assertThat(received.header("Transfer-Encoding")).isEmpty();
    }

    private RawSocketWorker.Received receivedOf(String method, String body) throws Exception {
        try (var worker = RawSocketWorker.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(outcome(dispatcher, request(target(worker), method, "/", Map.of(), body)))
                    .isEqualTo(Outcome.Answered.of(200));
            dispatcher.close();
            return worker.finish().getFirst();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '~',
            value = {
                "/ /",
                "/a//b/ /a//b/",
                "//a //a",
                "/a;v=1/b:c@d,e /a;v=1/b:c@d,e",
                "/%2f%zz%41 /%2f%zz%41",
                "/a?b=c+d&e=%20?/ /a?b=c+d&e=%20?/",
                "/a? /a?",
                "/a?b='<>' /a?b=%27%3C%3E%27",
                "/a?{b}|[c] /a?{b}|[c]",
                "/{id}|^` /%7Bid%7D%7C%5E%60",
                "/[id]'! /[id]'!",
                "/a/./b/../c /a/c",
                "/a/%2e%2E/c /c",
                "/a\\b /a/b",
                "/\u00fc?\u00fc /%C3%BC?%C3%BC",
                "/a#b /a",
                "/a?b#c /a?b"
            })
    void aPathIsSentAsGivenButForWhatTheUrlRulesChange(String given, String sent) throws Exception {
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK)) {
            dispatcher.send(request(target(worker), "GET", given, Map.of(), ""));
            assertThat(worker.received().getFirst().line()).isEqualTo("GET " + sent + " HTTP/1.1");
        }
    }

    @Test
    void aUsersOwnAcceptEncodingWinsAndNothingIsUnpacked() throws Exception {
        try (var worker = RawSocketWorker.answering(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz")) {
            var request = request(target(worker), "GET", "/", Map.of("Accept-Encoding", "gzip"), "");
            assertThat(outcome(dispatcher, request)).isEqualTo(Outcome.Answered.of(200));
            assertThat(outcome(dispatcher, request)).isEqualTo(Outcome.Answered.of(200));
            assertThat(worker.received())
                    .allSatisfy(received ->
                            assertThat(received.header("Accept-Encoding")).containsExactly("gzip"))
                    .hasSize(2)
                    .allMatch(received -> received.connection() == 1);
        }
    }

    @Test
    void whatTheWorkerAsksForIsInTheOutcome() throws Exception {
        try (var worker = RawSocketWorker.answering(
                "HTTP/1.1 503 No\r\nretry-after: 120\r\ntaskqueue-no-retry: true\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(outcome(dispatcher, request(target(worker), "GET")))
                    .isEqualTo(new Outcome.Answered(503, Optional.of(Duration.ofMinutes(2)), true));
        }
    }

    @Test
    void theStatusCodeStandsThoughTheBodyNeverEnds() throws Exception {
        try (var worker = RawSocketWorker.that((conversation, request) -> {
            conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            conversation.hang();
        })) {
            // Long enough for the headers to arrive on any machine. The test waits for all of it.
            assertThat(outcome(dispatcher, within(Duration.ofSeconds(2), request(target(worker), "POST"))))
                    .isEqualTo(Outcome.Answered.of(200));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 100 Continue\r\n\r\n"})
    void noAnswerWithinTheDeadlineIsDeadlineExceeded(String beginning) throws Exception {
        try (var worker = RawSocketWorker.that((conversation, request) -> {
            conversation.write(beginning);
            conversation.hang();
        })) {
            Outcome outcome = outcome(dispatcher, within(SHORT, request(target(worker), "POST")));
            assertThat(outcome)
                    .isEqualTo(
                            new Outcome.Unanswered(
                                    AttemptReason.DeadlineExceeded,
                                    HOST + ":" + worker.port()
                                            + " gave no answer within 150ms; let it answer faster, or raise dispatchDeadline."));
            dispatcher.close();
            worker.release();
            assertThat(worker.finish()).hasSize(1);
        }
    }

    @Test
    void theDeadlineCoversABodyThatIsNotTaken() throws Exception {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // Only the kernel accepts the connection, so the written bytes stay in its buffers until they are full.
            var target = target(listener.getInetAddress(), listener.getLocalPort());
            var request = request(target, "POST", "/", Map.of(), "x".repeat(32 * 1024 * 1024));
            assertThat(outcome(dispatcher, within(SHORT, request)))
                    .isEqualTo(new Outcome.Unanswered(
                            AttemptReason.DeadlineExceeded,
                            HOST + ":" + target.port() + " did not read the whole request within 150ms; let it read the"
                                    + " body, or raise dispatchDeadline."));
        }
    }

    @Test
    void aPortNobodyListensOnIsConnectionRefused() throws Exception {
        int port;
        try (var listener = new ServerSocket(0)) {
            port = listener.getLocalPort();
        }
        Outcome outcome = outcome(dispatcher, request(target(InetAddress.getLoopbackAddress(), port), "POST"));
        assertThat(outcome.reason()).isEqualTo(AttemptReason.ConnectionRefused);
        assertThat(outcome.message()).startsWith(HOST + ":" + port + " refused");
    }

    @Test
    void anAddressThatCannotBeReachedIsConnectFailed() throws Exception {
        // TCP cannot reach this address from any machine, whatever its routes.
        var broadcast = target(InetAddress.ofLiteral("255.255.255.255"), 80);
        assertThat(outcome(dispatcher, request(broadcast, "POST")).reason()).isEqualTo(AttemptReason.ConnectFailed);
    }

    @Test
    void anInterruptedAttemptIsInterrupted() throws Exception {
        var arrived = new CountDownLatch(1);
        try (var worker = RawSocketWorker.that((conversation, request) -> {
                    arrived.countDown();
                    conversation.hang();
                });
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var outcome = new CompletableFuture<Outcome>();
            Future<?> attempt =
                    threads.submit(() -> outcome.complete(outcome(dispatcher, request(target(worker), "POST"))));
            arrived.await();
            attempt.cancel(true);
            assertThat(outcome.get().reason()).isEqualTo(AttemptReason.Interrupted);
        }
    }

    @Test
    void aClosedDispatcherLetsNothingOut() throws Exception {
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK)) {
            dispatcher.close();
            assertThat(dispatcher.send(request(target(worker), "POST"))).isInstanceOf(Departure.HeldBack.class);
            assertThat(worker.finish()).isEmpty();
        }
    }

    @Test
    void closingLetsRequestsInFlightComeToTheirEnd() throws Exception {
        var arrived = new CountDownLatch(1);
        try (var worker = RawSocketWorker.that((conversation, request) -> {
                    arrived.countDown();
                    conversation.hang();
                    conversation.write(RawSocketWorker.OK);
                });
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Outcome> attempt = threads.submit(() -> outcome(dispatcher, request(target(worker), "POST")));
            arrived.await();
            dispatcher.close();
            worker.release();
            assertThat(attempt.get()).isEqualTo(Outcome.Answered.of(200));
        }
    }

    @Test
    void threeHundredHungWorkersDoNotStopAnotherRequest() throws Exception {
        int hung = 300;
        var arrived = new CountDownLatch(hung);
        try (var hanging = RawSocketWorker.that((conversation, request) -> {
                    arrived.countDown();
                    conversation.hang();
                    conversation.write(RawSocketWorker.OK);
                });
                var healthy = RawSocketWorker.answering(RawSocketWorker.OK);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var attempts = new ArrayList<Future<Outcome>>();
            for (int i = 0; i < hung; i++) {
                attempts.add(threads.submit(() -> outcome(dispatcher, request(target(hanging), "POST"))));
            }
            arrived.await();
            assertThat(threads.submit(() -> outcome(dispatcher, request(target(healthy), "POST")))
                            .get())
                    .isEqualTo(Outcome.Answered.of(200));
            assertThat(attempts).noneMatch(Future::isDone);
            hanging.release();
            for (Future<Outcome> attempt : attempts) {
                assertThat(attempt.get()).isEqualTo(Outcome.Answered.of(200));
            }
        }
    }

    @Test
    void aSecretIsInNoText() {
        var request = request(
                target(InetAddress.getLoopbackAddress(), 80),
                "POST",
                "/?token=s3cret",
                Map.of("X-Key", "s3cret"),
                "s3cret");
        assertThat(request.toString()).doesNotContain("s3cret");
    }
}
