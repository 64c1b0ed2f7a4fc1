package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes every request, each on its own thread, and answers it, or refuses it with a {@code Status}. */
final class Router implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);
    private static final int LARGEST_BODY = 3 << 20;
    private static final int WATCH_BUFFER = 1 << 14;

    private final ResourceTypes types;
    private final Store store;
    private final Verbs verbs;
    private final Tables tables;
    private final Discovery discovery;
    private final OpenApi openApi;
    private final TokenIssuer tokens;

    /** The parts that were built for this router only. */
    record Parts(
            ResourceTypes types, Store store, Verbs verbs, Tables tables, Discovery discovery, TokenIssuer tokens) {}

    Router(Parts parts) {
        types = parts.types();
        store = parts.store();
        verbs = parts.verbs();
        tables = parts.tables();
        discovery = parts.discovery();
        openApi = new OpenApi(types);
        tokens = parts.tokens();
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            guarded(exchange);
        }
    }

    private void guarded(HttpExchange exchange) throws IOException {
        try {
            route(exchange, Request.of(exchange));
        } catch (ApiFailure failure) {
            answer(exchange, failure.code(), Json.bytes(failure.status()), "application/json");
        } catch (JacksonException wrong) {
            ApiFailure failure =
                    ApiFailure.badRequest("the request's body is no JSON or YAML: " + wrong.getOriginalMessage());
            answer(exchange, failure.code(), Json.bytes(failure.status()), "application/json");
        } catch (RuntimeException bug) {
            LOG.error("A request to the embedded API server failed", bug);
            ApiFailure failure =
                    ApiFailure.of(500, "InternalError", "the embedded API server failed, and its log says how");
            answer(exchange, failure.code(), Json.bytes(failure.status()), "application/json");
        }
    }

    private void route(HttpExchange exchange, Request request) throws IOException {
        CallerCheck.check(exchange);
        if (request.method().equals("GET") && isUpgrade(exchange)) {
            // This server has no WebSockets. If a client gets 200 instead of 101, it changes to watches over plain HTTP
            // at once.
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Optional<ResourcePath> place = ResourcePath.of(request.path(), types);
        if (place.isPresent()) {
            resource(exchange, request, place.get());
            return;
        }
        switch (String.join("/", request.path())) {
            case "healthz", "livez", "readyz" -> answer(exchange, 200, new byte[] {'o', 'k'}, "text/plain");
            case AccessReviews.PATH -> {
                if (!request.method().equals("POST")) {
                    throw ApiFailure.of(
                            405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
                }
                answer(exchange, 201, Json.bytes(AccessReviews.answer(body(exchange, request))), "application/json");
            }
            case "openid/v1/jwks" -> answer(exchange, 200, Json.bytes(tokens.keys()), "application/jwk-set+json");
            case ".well-known/openid-configuration" ->
                answer(exchange, 200, Json.bytes(tokens.configuration()), "application/json");
            default -> {
                JsonNode found = discovery
                        .answer(request.path())
                        .or(() -> openApi.answer(request.path()))
                        .orElseThrow(ApiFailure::noSuchPath);
                answer(exchange, 200, Json.bytes(found), "application/json");
            }
        }
    }

    private static boolean isUpgrade(HttpExchange exchange) {
        return "websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Upgrade"));
    }

    private void resource(HttpExchange exchange, Request request, ResourcePath place) throws IOException {
        request.form();
        if (request.method().equals("GET") && request.isWatch()) {
            watch(exchange, request, place);
            return;
        }
        Verbs.Answer answer = verbs.answer(place, request, body(exchange, request));
        answer.warnings()
                .forEach(warning -> exchange.getResponseHeaders().add("Warning", "299 - \"" + quoted(warning) + "\""));
        answer(exchange, answer.code(), Json.bytes(answer.body()), "application/json");
    }

    private void watch(HttpExchange exchange, Request request, ResourcePath place) throws IOException {
        ObjectSelector selection = place.isCollection()
                ? verbs.selection(place, request)
                : ObjectSelector.of(place.type(), null, "metadata.name=" + place.name());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (var out = new BufferedOutputStream(exchange.getResponseBody(), WATCH_BUFFER)) {
            out.flush();
            new Watch(store, tables, place, selection, request, out).run();
        } catch (IOException gone) {
            LOG.trace("A watch ended because its client went away");
        }
    }

    private static @Nullable JsonNode body(HttpExchange exchange, Request request) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
        if (bytes.length > LARGEST_BODY) {
            throw ApiFailure.of(413, "RequestEntityTooLarge", "Request entity too large: limit is " + LARGEST_BODY);
        }
        if (bytes.length == 0) {
            return null;
        }
        return switch (request.contentType()) {
            case "application/yaml", "application/apply-patch+yaml" -> Json.yaml(bytes);
            case "",
                    "application/json",
                    "application/merge-patch+json",
                    "application/json-patch+json",
                    "application/strategic-merge-patch+json" -> Json.read(bytes);
            default ->
                throw ApiFailure.of(
                        415,
                        "UnsupportedMediaType",
                        "the body of the request was in an unknown format (" + request.contentType()
                                + "): send application/json; with kubectl, create from a manifest with -f");
        };
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static void answer(HttpExchange exchange, int code, byte[] body, String contentType) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }
}
