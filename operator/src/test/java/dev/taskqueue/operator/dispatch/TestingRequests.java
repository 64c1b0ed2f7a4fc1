package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.dispatch.OutboundRequest.Security;
import dev.taskqueue.operator.dispatch.OutboundRequest.Target;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Clocks;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Builds requests to a {@link RawSocketWorker}, with defaults for everything that a test does not set. */
final class TestingRequests {
    static final String HOST = "orders.shop.svc";

    /** A safety limit; no test waits for it. */
    static final Duration LONG = Duration.ofMinutes(1);

    private TestingRequests() {}

    /** A dispatcher that keeps its connections for as long as the test lasts. */
    static HttpDispatcher dispatcher() {
        return dispatcher(new ConnectionLimits(LONG, LONG, Integer.MAX_VALUE, LONG));
    }

    static HttpDispatcher dispatcher(ConnectionLimits limits) {
        return new HttpDispatcher(Clocks.system(), () -> true, new Random(1), limits);
    }

    static Target target(RawSocketWorker worker) {
        return new Target(new Security.Plain(), worker.address(), worker.port(), HOST, 0);
    }

    static Target target(InetAddress address, int port) {
        return new Target(new Security.Plain(), address, port, HOST, 0);
    }

    static OutboundRequest request(Target target, String method) {
        return request(target, method, "/", Map.of(), method.equals("POST") ? "hello" : "");
    }

    static OutboundRequest request(
            Target target, String method, String path, Map<String, String> headers, String body) {
        return new OutboundRequest(target, method, path, headers, body.getBytes(StandardCharsets.UTF_8), LONG);
    }

    /** The outcome of a request that was sent. */
    static Outcome outcome(HttpDispatcher dispatcher, OutboundRequest request) {
        return switch (dispatcher.send(request)) {
            case Departure.Left(Outcome outcome) -> outcome;
            case Departure.HeldBack(String why) -> throw new AssertionError("held back: " + why);
        };
    }

    static OutboundRequest expiring(Instant at, OutboundRequest request) {
        return changed(request, request.deadline(), at, request.recorded());
    }

    static OutboundRequest within(Duration deadline, OutboundRequest request) {
        return changed(request, deadline, request.expireAt(), request.recorded());
    }

    static OutboundRequest recording(OutboundRequest request, @Nullable RecordedSecrets secrets) {
        return changed(request, request.deadline(), request.expireAt(), secrets);
    }

    private static OutboundRequest changed(
            OutboundRequest request, Duration deadline, @Nullable Instant expireAt, @Nullable RecordedSecrets secrets) {
        return new OutboundRequest(
                request.target(),
                request.method(),
                request.path(),
                request.headers(),
                request.body(),
                deadline,
                expireAt,
                secrets);
    }
}
