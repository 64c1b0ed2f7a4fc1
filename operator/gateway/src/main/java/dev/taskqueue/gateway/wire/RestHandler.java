package dev.taskqueue.gateway.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Code;
import dev.taskqueue.gateway.calls.RpcTable;
import dev.taskqueue.gateway.failure.RpcFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** The methods over REST: finds the route of a request, reads it, runs the method and writes JSON. */
final class RestHandler {
    private static final String TRANSPORT = "rest";
    private static final String JSON = "application/json; charset=UTF-8";
    private static final Set<String> OVERRIDES = Set.of("GET", "PATCH", "DELETE", "PUT");
    private static final JsonFormat.Printer NAMES = JsonFormat.printer();
    private static final JsonFormat.Printer NUMBERS = JsonFormat.printer().printingEnumsAsInts();

    private final List<RestRoute> routes;
    private final CallRunner runner;
    private final RequestBodies bodies;
    private final boolean emulator;

    /** @param emulator whether paths without a version are those of v2, as clients of an emulator send them */
    RestHandler(RpcTable table, CallRunner runner, RequestBodies bodies, boolean emulator) {
        this.routes = RestRoute.all(table);
        this.runner = runner;
        this.bodies = bodies;
        this.emulator = emulator;
    }

    void handle(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, List<String>> query = Map.of();
        try {
            query = FormReader.parse(request.getQueryString());
            Message answer = answer(request, query);
            write(response, 200, print(answer, query).getBytes(UTF_8));
        } catch (RpcFailure failure) {
            if (failure.code() == Code.UNAUTHENTICATED) {
                response.setHeader("WWW-Authenticate", "Bearer");
            }
            bodies.discard(request);
            write(response, RestErrors.status(failure.code()), RestErrors.body(failure));
        }
    }

    private Message answer(HttpServletRequest request, Map<String, List<String>> query) {
        String path = path(request);
        String verb = verb(request);
        for (RestRoute route : routes) {
            Matcher name = route.path().matcher(path);
            if (route.verb().equals(verb) && name.matches()) {
                return runner.run(
                        route.rpc(),
                        () -> RestRequestReader.read(route, name.group(1), query, bodies.text(request)),
                        TRANSPORT,
                        () -> runner.authenticate(authorization(request)),
                        timeout(request.getHeader("X-Server-Timeout")),
                        // The container does not say when a client has gone.
                        () -> false);
            }
        }
        throw UnsupportedMethods.of(path).orElseGet(() -> RpcFailure.of(Code.NOT_FOUND, "Method not found."));
    }

    private String path(HttpServletRequest request) {
        String raw = request.getRequestURI();
        if (raw.toLowerCase(Locale.ROOT).contains("%2f")) {
            throw RpcFailure.invalidName("The path must not have %2F; names have \"/\" between their parts only.");
        }
        String path = FormReader.decode(raw.replace("+", "%2B"));
        return emulator && path.startsWith("/projects/") ? "/v2" + path : path;
    }

    /** Two headers become one that is no credential: what stands in front of the gateway may have looked at the other one. */
    private static @Nullable String authorization(HttpServletRequest request) {
        List<String> headers = Collections.list(request.getHeaders("Authorization"));
        return headers.isEmpty() ? null : String.join(", ", headers);
    }

    /** Java's client sends PATCH as POST. */
    private static String verb(HttpServletRequest request) {
        String override = request.getHeader("X-HTTP-Method-Override");
        boolean overridden = override != null && request.getMethod().equals("POST") && OVERRIDES.contains(override);
        return overridden ? override : request.getMethod();
    }

    private static @Nullable Duration timeout(@Nullable String seconds) {
        return seconds != null && seconds.matches("[0-9]{1,6}(\\.[0-9]{1,9})?")
                ? Duration.ofMillis((long) (Double.parseDouble(seconds) * 1_000))
                : null;
    }

    private static String print(Message answer, Map<String, List<String>> query) {
        boolean numbers = query.getOrDefault("$alt", List.of()).stream()
                        .anyMatch(alt -> alt.contains("enum-encoding=int"))
                || query.getOrDefault("alt", List.of()).stream().anyMatch(alt -> alt.contains("enum-encoding=int"));
        try {
            return (numbers ? NUMBERS : NAMES).print(answer);
        } catch (InvalidProtocolBufferException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    static void write(HttpServletResponse response, int status, byte[] body) throws IOException {
        response.setStatus(status);
        response.setContentType(JSON);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
