package dev.taskqueue.operator.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.domain.Durations;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What the worker must have received for a Task that ended. The spec is the one that the API server keeps. */
final class RequestRules {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The queues without an httpTarget: the spec of the Task says all of the request. */
    static final Set<String> PLAIN = Set.of("orders", "once", "families", "letters", "neighbour");

    static final Set<String> NOT_RUNNING = Set.of("paused", "held");

    /** Paths with dot segments, or with characters that no URL may have: these are encoded, and those are resolved. */
    static final Pattern REWRITTEN =
            Pattern.compile("[\"'<>^`{|}\\\\]|/([.]|%2e){1,2}(/|[?]| )", Pattern.CASE_INSENSITIVE);

    /** Trees that are this deep cannot be compared. */
    private static final String DEEP_LIST = "[".repeat(500);

    private static final String DEEP_OBJECT = "{\"a\":".repeat(500);

    private RequestRules() {}

    /** What is wrong with the requests of a Task; empty if they are in order. */
    static Optional<String> wrong(JsonNode task, FuzzWorker.Arrivals arrivals) {
        JsonNode request = task.at("/spec/httpRequest");
        if (hasOwnKey(request)) {
            return Optional.empty();
        }
        JsonNode status = task.path("status");
        if (hasEnded(task) && arrivals.count() > status.path("dispatchCount").asInt()) {
            return Optional.of("the worker got more requests than dispatchCount says");
        }
        boolean delivered = status.toString().contains("\"reason\":\"Delivered\"");
        if (delivered && arrivals.count() == 0) {
            return Optional.of("it is Delivered, but the worker got no request");
        }
        Optional<String> early = wrongTime(task, arrivals);
        if (early.isPresent()) {
            return early;
        }
        boolean known = PLAIN.contains(task.at("/spec/queueRef/name").asText());
        return known && arrivals.count() > 0 ? wrongContent(request, arrivals) : Optional.empty();
    }

    /** Whether it has ended, and is not about to be started again. */
    private static boolean hasEnded(JsonNode task) {
        JsonNode redrive = task.at("/metadata/annotations").path(Annotations.REDRIVE);
        JsonNode status = task.path("status");
        return status.has("completionTime")
                && (redrive.isMissingNode() || redrive.equals(status.path("lastHandledRedrive")));
    }

    /** A request before the time of its Task, after its expiry, or while its queue is paused. */
    private static Optional<String> wrongTime(JsonNode task, FuzzWorker.Arrivals arrivals) {
        JsonNode spec = task.path("spec");
        JsonNode dispatched = task.at("/status/lastAttempt/dispatchTime");
        if (spec.has("expireTime")
                && dispatched.isTextual()
                && time(dispatched).isAfter(time(spec.path("expireTime")))) {
            return Optional.of("it was sent after its expireTime");
        }
        if (arrivals.count() == 0 || task.at("/metadata/annotations").has(Annotations.RUN_NOW)) {
            return Optional.empty();
        }
        if (NOT_RUNNING.contains(spec.at("/queueRef/name").asText())) {
            return Optional.of("it was sent while its queue was paused");
        }
        Instant created = time(task.at("/metadata/creationTimestamp"));
        Instant due = spec.has("scheduleTime")
                ? time(spec.path("scheduleTime"))
                : created.plus(Durations.parse(spec.path("delay").asText("0s")));
        return arrivals.first().isBefore(due) ? Optional.of("it was sent before it was due") : Optional.empty();
    }

    static Instant time(JsonNode text) {
        return OffsetDateTime.parse(text.asText()).toInstant();
    }

    static boolean hasOwnKey(JsonNode request) {
        boolean own = false;
        for (Map.Entry<String, JsonNode> header : request.path("headers").properties()) {
            own |= header.getKey().toLowerCase(Locale.ROOT).equals("idempotency-key");
        }
        for (JsonNode header : request.path("secretHeaders")) {
            own |= header.path("name").asText().toLowerCase(Locale.ROOT).equals("idempotency-key");
        }
        return own;
    }

    private static Optional<String> wrongContent(JsonNode request, FuzzWorker.Arrivals arrivals) {
        String line = request.path("method").asText("POST") + " "
                + request.path("path").asText("/") + " HTTP/1.1";
        if (!arrivals.line().equals(line) && !REWRITTEN.matcher(line).find()) {
            return Optional.of("the request line is " + arrivals.line() + " in place of " + line);
        }
        for (Map.Entry<String, JsonNode> header : request.path("headers").properties()) {
            String sent = arrivals.headers().getOrDefault(header.getKey().toLowerCase(Locale.ROOT), "");
            if (!sent.equals(header.getValue().asText().strip())) {
                return Optional.of("header " + header.getKey() + " has another value");
            }
        }
        return isSame(request, arrivals.body()) ? Optional.empty() : Optional.of("the body is another one");
    }

    static boolean isSame(JsonNode request, String body) {
        if (request.has("body")) {
            return body.equals(new String(request.path("body").asText().getBytes(UTF_8), ISO_8859_1));
        }
        if (request.has("bodyBase64")) {
            byte[] bytes = Base64.getDecoder().decode(request.path("bodyBase64").asText());
            return body.equals(new String(bytes, ISO_8859_1));
        }
        if (request.has("json") && !request.path("json").isNull()) {
            return isSameJson(request.path("json"), body);
        }
        return request.has("bodyFrom") || body.isEmpty();
    }

    static boolean isSameJson(JsonNode json, String body) {
        if (body.contains(DEEP_LIST) || body.contains(DEEP_OBJECT)) {
            return true;
        }
        try {
            return JSON.readTree(body.getBytes(ISO_8859_1)).equals(json);
        } catch (JsonProcessingException noJson) {
            return false;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
