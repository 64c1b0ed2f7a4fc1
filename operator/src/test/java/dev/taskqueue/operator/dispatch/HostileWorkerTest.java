package dev.taskqueue.operator.dispatch;

import static dev.taskqueue.operator.dispatch.TestingRequests.outcome;
import static dev.taskqueue.operator.dispatch.TestingRequests.request;
import static dev.taskqueue.operator.dispatch.TestingRequests.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A worker gets each request once, however it behaves. */
final class HostileWorkerTest {

    /**
     * One kind of misbehaviour.
     *
     * @param statusCode of the outcome; 0 = unanswered
     */
    record Case(String name, int statusCode, AttemptReason reason, RawSocketWorker.Script script) {
        void assertThatItIs(Outcome outcome) {
            assertThat(outcome.reason()).isEqualTo(reason);
            assertThat(outcome instanceof Outcome.Answered answered ? answered.statusCode() : 0)
                    .isEqualTo(statusCode);
            assertThat(outcome.message()).hasSizeLessThanOrEqualTo(256).doesNotContain("smtp", "X-Big", "-12");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> misbehaviours() {
        var cases = new ArrayList<Case>();
        cases.add(unanswered("closes after the request", AttemptReason.ConnectionClosed, (c, r) -> c.close()));
        cases.add(unanswered("resets after the request", AttemptReason.ConnectionClosed, (c, r) -> c.reset()));
        cases.add(unanswered("closes amid the headers", AttemptReason.ConnectionClosed, (c, r) -> {
            c.write("HTTP/1.1 200 OK\r\nContent-Le");
            c.close();
        }));
        cases.add(unanswered("closes amid the status line", AttemptReason.ConnectionClosed, (c, r) -> {
            c.write("HTTP/1.1 2");
            c.close();
        }));
        cases.add(unanswered(
                "speaks no HTTP", AttemptReason.UnexpectedStatus, (c, r) -> c.write("220 smtp.example ESMTP\r\n")));
        cases.add(unanswered(
                "a negative status", AttemptReason.UnexpectedStatus, (c, r) -> c.write("HTTP/1.1 -12 X\r\n\r\n")));
        cases.add(unanswered(
                "a status in letters", AttemptReason.UnexpectedStatus, (c, r) -> c.write("HTTP/1.1 abc X\r\n\r\n")));
        cases.add(unanswered("HTTP/2", AttemptReason.UnexpectedStatus, (c, r) -> c.write("HTTP/2.0 200 OK\r\n\r\n")));
        for (int status : new int[] {600, 999, 99, 101}) {
            cases.add(unanswered(
                    "status " + status,
                    AttemptReason.UnexpectedStatus,
                    (c, r) -> c.write("HTTP/1.1 %03d X\r\nContent-Length: 0\r\n\r\n".formatted(status))));
        }
        cases.add(unanswered(
                "one endless header",
                AttemptReason.ResponseTooLarge,
                (c, r) -> endlessly(c, "HTTP/1.1 200 OK\r\nX-Big: ", "a".repeat(1000))));
        cases.add(unanswered(
                "endless headers",
                AttemptReason.ResponseTooLarge,
                (c, r) -> endlessly(c, "HTTP/1.1 200 OK\r\n", "X-Big: " + "a".repeat(1000) + "\r\n")));
        cases.add(unanswered(
                "endless interim answers",
                AttemptReason.ResponseTooLarge,
                (c, r) -> endlessly(c, "", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")));
        cases.add(
                answered("an endless body", 200, (c, r) -> endlessly(c, "HTTP/1.1 200 OK\r\n\r\n", "a".repeat(1000))));
        cases.add(answered(
                "an endless chunked body",
                500,
                (c, r) -> endlessly(
                        c,
                        "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "3e8\r\n" + "a".repeat(1000) + "\r\n")));
        cases.add(unanswered("a body that breaks off", AttemptReason.ConnectionClosed, (c, r) -> {
            c.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
            c.close();
        }));
        cases.add(unanswered("a body that is reset", AttemptReason.ConnectionClosed, (c, r) -> {
            c.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
            c.reset();
        }));
        cases.add(answer("a negative length", 200, "Content-Length: -5"));
        cases.add(answer("a length that is no number", 200, "Content-Length: many", "Connection: close"));
        cases.add(unanswered(
                "a broken chunk",
                AttemptReason.ConnectionClosed,
                (c, r) -> c.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n")));
        cases.add(answer("204 with a body", 204, "Content-Length: 5", "", "hello"));
        cases.add(answered("interim answers first", 201, (c, r) -> {
            c.write("HTTP/1.1 100 Continue\r\n\r\n");
            c.write("HTTP/1.1 102 Processing\r\n\r\n");
            c.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
            c.write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
        }));
        for (int status : new int[] {300, 301, 302, 303, 307, 308}) {
            cases.add(answer("redirect " + status, status, "Location: /", "Content-Length: 0"));
        }
        cases.add(answer("a challenge", 401, "WWW-Authenticate: Basic realm=\"x\"", "Content-Length: 0"));
        cases.add(answer("a proxy's challenge", 407, "Proxy-Authenticate: Basic realm=\"x\"", "Content-Length: 0"));
        cases.add(answer("a request timeout", 408, "Content-Length: 0"));
        cases.add(answer("a request timeout, now again", 408, "Retry-After: 0", "Content-Length: 0"));
        cases.add(answer("a misdirected request", 421, "Content-Length: 0"));
        cases.add(answer("too many, now again", 429, "Retry-After: 0", "Content-Length: 0"));
        cases.add(answer("unavailable, now again", 503, "Retry-After: 0", "Content-Length: 0"));
        cases.add(answer("unavailable, never again", 503, "Retry-After: 99999999999999", "Content-Length: 0"));
        cases.add(answered("unavailable, and closed", 503, (c, r) -> {
            c.write("HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
            c.close();
        }));
        return cases;
    }

    @ParameterizedTest
    @MethodSource("misbehaviours")
    void getsAPostOnce(Case misbehaviour) throws Exception {
        sendsOnce(misbehaviour, "POST");
    }

    @ParameterizedTest
    @MethodSource("misbehaviours")
    void getsAGetOnce(Case misbehaviour) throws Exception {
        sendsOnce(misbehaviour, "GET");
    }

    @ParameterizedTest
    @MethodSource("misbehaviours")
    void getsAPostOnceOverAUsedConnection(Case misbehaviour) throws Exception {
        sendsOnceOverAUsedConnection(misbehaviour, "POST");
    }

    @ParameterizedTest
    @MethodSource("misbehaviours")
    void getsAGetOnceOverAUsedConnection(Case misbehaviour) throws Exception {
        sendsOnceOverAUsedConnection(misbehaviour, "GET");
    }

    private static void sendsOnce(Case misbehaviour, String method) throws Exception {
        try (var worker = RawSocketWorker.that(misbehaviour.script)) {
            Outcome outcome;
            try (var dispatcher = TestingRequests.dispatcher()) {
                outcome = outcome(dispatcher, request(target(worker), method));
            }
            misbehaviour.assertThatItIs(outcome);
            assertThat(worker.finish())
                    .singleElement()
                    .satisfies(request -> assertThat(request.line()).isEqualTo(method + " / HTTP/1.1"));
        }
    }

    /** Clients tend to repeat a request on a connection that was used before. */
    private static void sendsOnceOverAUsedConnection(Case misbehaviour, String method) throws Exception {
        RawSocketWorker.Script afterOne = (c, r) -> {
            if (r.line().contains("/first")) {
                c.write(RawSocketWorker.OK);
            } else {
                misbehaviour.script.answer(c, r);
            }
        };
        try (var worker = RawSocketWorker.that(afterOne)) {
            Outcome outcome;
            try (var dispatcher = TestingRequests.dispatcher()) {
                dispatcher.send(request(target(worker), "GET", "/first", Map.of(), ""));
                outcome = outcome(dispatcher, request(target(worker), method));
            }
            misbehaviour.assertThatItIs(outcome);
            assertThat(worker.finish()).hasSize(2).allMatch(request -> request.connection() == 1);
        }
    }

    private static Case unanswered(String name, AttemptReason reason, RawSocketWorker.Script script) {
        return new Case(name, 0, reason, script);
    }

    private static Case answered(String name, int statusCode, RawSocketWorker.Script script) {
        return new Case(name, statusCode, AttemptReason.ofStatus(statusCode), script);
    }

    private static Case answer(String name, int statusCode, String... lines) {
        String text = "HTTP/1.1 %d X\r\n%s\r\n\r\n".formatted(statusCode, String.join("\r\n", lines));
        return answered(name, statusCode, (c, r) -> {
            c.write(text);
            if (text.contains("close")) {
                c.close();
            }
        });
    }

    /** Waits until the other end closes the connection. */
    private static void endlessly(RawSocketWorker.Conversation conversation, String once, String again)
            throws IOException {
        conversation.write(once);
        while (true) {
            conversation.write(again);
        }
    }
}
