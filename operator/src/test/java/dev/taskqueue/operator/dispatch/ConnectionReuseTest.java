package dev.taskqueue.operator.dispatch;

import static dev.taskqueue.operator.dispatch.TestingRequests.outcome;
import static dev.taskqueue.operator.dispatch.TestingRequests.request;
import static dev.taskqueue.operator.dispatch.TestingRequests.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which request uses which connection. */
final class ConnectionReuseTest {

    @Test
    void anIdleConnectionServesAgainForOneSecond() throws Exception {
        assertThat(ConnectionLimits.DEFAULT.idle()).isEqualTo(Duration.ofSeconds(1));
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK);
                var dispatcher = TestingRequests.dispatcher()) {
            for (int i = 0; i < 5; i++) {
                dispatcher.send(request(target(worker), "POST"));
            }
            assertThat(connectionsOf(worker.received())).containsExactly(1, 1, 1, 1, 1);
        }
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTime() throws Exception {
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK);
                var dispatcher = TestingRequests.dispatcher(
                        new ConnectionLimits(Duration.ofMillis(1), TestingRequests.LONG, Integer.MAX_VALUE, TestingRequests.LONG))) {
            dispatcher.send(request(target(worker), "POST"));
            worker.awaitEnd(1);
            assertThat(outcome(dispatcher, request(target(worker), "POST"))).isEqualTo(Outcome.Answered.of(200));
            assertThat(connectionsOf(worker.received())).containsExactly(1, 2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
            })
    void aConnectionTheWorkerWillNotKeepServesOnce(String answer) throws Exception {
        try (var worker = RawSocketWorker.answering(answer);
                var dispatcher = TestingRequests.dispatcher()) {
            dispatcher.send(request(target(worker), "POST"));
            dispatcher.send(request(target(worker), "POST"));
            assertThat(connectionsOf(worker.received())).containsExactly(1, 2);
        }
    }

    @Test
    void anHttp10WorkerMayKeepTheConnection() throws Exception {
        try (var worker = RawSocketWorker.answering(
                        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
                var dispatcher = TestingRequests.dispatcher()) {
            dispatcher.send(request(target(worker), "POST"));
            dispatcher.send(request(target(worker), "POST"));
            assertThat(connectionsOf(worker.received())).containsExactly(1, 1);
        }
    }

    @Test
    void whatACarelessWorkerSendsAfterHeadIsNotTheNextAnswer() throws Exception {
        try (var worker = RawSocketWorker.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                var dispatcher = TestingRequests.dispatcher()) {
            dispatcher.send(request(target(worker), "HEAD"));
            assertThat(outcome(dispatcher, request(target(worker), "GET"))).isEqualTo(Outcome.Answered.of(200));
            assertThat(connectionsOf(worker.received())).containsExactly(1, 2);
        }
    }

    /** For example, Python's http.server takes a body that its handler has not read for the next request, and answers that too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                RawSocketWorker.OK + "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
                RawSocketWorker.OK + RawSocketWorker.OK,
                RawSocketWorker.OK + "\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello",
                "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 205 Reset Content\r\n\r\nhello",
            })
    void whatAWorkerSendsAfterItsAnswerIsNotTheNextAnswer(String answer) throws Exception {
        try (var worker = RawSocketWorker.that((conversation, request) ->
                        conversation.write(conversation.number() == 1 ? answer : RawSocketWorker.OK));
                // The body of a 205 without a length ends with the connection, so it is cut off.
                var dispatcher = TestingRequests.dispatcher(new ConnectionLimits(
                        TestingRequests.LONG, TestingRequests.LONG, Integer.MAX_VALUE, Duration.ofMillis(50)))) {
            dispatcher.send(request(target(worker), "POST"));
            assertThat(outcome(dispatcher, request(target(worker), "POST"))).isEqualTo(Outcome.Answered.of(200));
            assertThat(connectionsOf(worker.received())).containsExactly(1, 2);
        }
    }

    @Test
    void aShortBodyIsReadAwayAndALongOneCostsTheConnection() throws Exception {
        int limit = BodyReader.MAX_BYTES;
        try (var worker = RawSocketWorker.that((conversation, request) -> {
                    int size = request.line().contains("/long") ? 2 * limit : limit;
                    conversation.write("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size));
                });
                var dispatcher = TestingRequests.dispatcher()) {
            for (String path : List.of("/short", "/long", "/short")) {
                assertThat(outcome(dispatcher, request(target(worker), "GET", path, Map.of(), "")))
                        .isEqualTo(Outcome.Answered.of(200));
            }
            assertThat(connectionsOf(worker.received())).containsExactly(1, 1, 2);
        }
    }

    /** A worker that goes away closes idle connections. This costs no attempt, even if the worker sends a last message on the idle connection. */
    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"})
    void connectionsThatDiedInThePoolCostNoAttempt(String farewell) throws Exception {
        int idle = 3;
        var together = new CountDownLatch(idle);
        var goAway = new Semaphore(0);
        var gone = new CountDownLatch(idle);
        RawSocketWorker.Script script = (conversation, request) -> {
            together.countDown();
            together.await();
            conversation.write(RawSocketWorker.OK);
            if (conversation.number() <= idle) {
                goAway.acquire();
                conversation.write(farewell);
                conversation.close();
                gone.countDown();
            }
        };
        try (var worker = RawSocketWorker.that(script);
                var dispatcher = TestingRequests.dispatcher()) {
            var attempts = new ArrayList<Thread>();
            for (int i = 0; i < idle; i++) {
                attempts.add(Thread.startVirtualThread(() -> outcome(dispatcher, request(target(worker), "POST"))));
            }
            for (Thread attempt : attempts) {
                attempt.join();
            }
            goAway.release(idle);
            gone.await();
            assertThat(outcome(dispatcher, request(target(worker), "POST"))).isEqualTo(Outcome.Answered.of(200));
            assertThat(outcome(dispatcher, request(target(worker), "GET"))).isEqualTo(Outcome.Answered.of(200));
            assertThat(connectionsOf(worker.received())).containsExactlyInAnyOrder(1, 2, 3, 4, 4);
        }
    }

    @Test
    void connectionsToDifferentAddressesAreNeverExchanged() throws Exception {
        try (var one = RawSocketWorker.answering(RawSocketWorker.OK);
                var other = RawSocketWorker.on(
                        "127.0.0.2",
                        one.port(),
                        ServerSocketFactory.getDefault(),
                        (conversation, request) -> conversation.write(RawSocketWorker.OK));
                var dispatcher = TestingRequests.dispatcher()) {
            for (int i = 0; i < 3; i++) {
                dispatcher.send(request(target(one), "GET"));
                dispatcher.send(request(target(other), "POST"));
            }
            assertThat(one.received())
                    .hasSize(3)
                    .allMatch(received -> received.line().startsWith("GET "));
            assertThat(other.received())
                    .hasSize(3)
                    .allMatch(received -> received.line().startsWith("POST "));
            assertThat(List.of(one.connections(), other.connections())).containsExactly(1, 1);
        }
    }

    private static List<Integer> connectionsOf(List<RawSocketWorker.Received> received) {
        return received.stream().map(RawSocketWorker.Received::connection).toList();
    }
}
