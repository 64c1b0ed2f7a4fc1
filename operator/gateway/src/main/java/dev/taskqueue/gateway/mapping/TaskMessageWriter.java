package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.Attempt;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import dev.taskqueue.client.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the message for a Task that exists. */
public final class TaskMessageWriter {
    private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(10);
    private static final Map<String, HttpMethod> METHODS = Stream.of(
                    HttpMethod.POST,
                    HttpMethod.GET,
                    HttpMethod.HEAD,
                    HttpMethod.PUT,
                    HttpMethod.DELETE,
                    HttpMethod.PATCH,
                    HttpMethod.OPTIONS)
            .collect(Collectors.toUnmodifiableMap(HttpMethod::name, method -> method));

    private TaskMessageWriter() {}

    /** The id of a Task: its key, or the name of an object that kubectl created. */
    public static String id(JsonNode task) {
        String key = ObjectJson.annotation(task, GatewayAnnotations.KEY);
        return key == null ? ObjectJson.text(task.path("metadata"), "name") : key;
    }

    /** Whether the Task has ended, so that it is gone for Cloud Tasks. */
    public static boolean hasEnded(JsonNode task) {
        String state = ObjectJson.text(task.path("status"), "state");
        return state.equals("Succeeded") || state.equals("Failed");
    }

    /**
     * Writes the message.
     *
     * @param queue with the project and location of the request
     */
    public static Task write(JsonNode task, QueueName queue, Task.View view) {
        JsonNode spec = task.path("spec");
        JsonNode status = task.path("status");
        Instant created = ProtoTimes.instant(ObjectJson.text(task.path("metadata"), "creationTimestamp"))
                .orElse(Instant.EPOCH);
        boolean full = view == Task.View.FULL;
        Task.Builder message = Task.newBuilder()
                .setName(new TaskName(queue, id(task)).toString())
                .setCreateTime(ProtoTimes.timestamp(created))
                .setScheduleTime(ProtoTimes.timestamp(scheduleTime(spec, status, created)))
                .setDispatchDeadline(ProtoTimes.duration(Durations.parse(ObjectJson.text(spec, "dispatchDeadline"))
                        .orElse(DEFAULT_DEADLINE)))
                .setDispatchCount(status.path("dispatchCount").asInt())
                .setResponseCount(status.path("responseCount").asInt())
                .setView(full ? Task.View.FULL : Task.View.BASIC);
        firstAttempt(status).ifPresent(message::setFirstAttempt);
        lastAttempt(status).ifPresent(message::setLastAttempt);
        String routing = ObjectJson.annotation(task, GatewayAnnotations.APP_ENGINE);
        if (routing == null) {
            message.setHttpRequest(http(task, full));
        } else {
            message.setAppEngineHttpRequest(appEngine(task, routing, full));
        }
        return message.build();
    }

    private static Instant scheduleTime(JsonNode spec, JsonNode status, Instant created) {
        return ProtoTimes.instant(ObjectJson.text(status, "nextAttemptTime"))
                .or(() -> ProtoTimes.instant(ObjectJson.text(spec, "scheduleTime")))
                .or(() -> Durations.parse(ObjectJson.text(spec, "delay")).map(created::plus))
                .orElse(created);
    }

    private static Optional<Attempt> firstAttempt(JsonNode status) {
        JsonNode last = status.path("lastAttempt");
        Optional<Instant> first = ProtoTimes.instant(ObjectJson.text(status.path("firstAttempt"), "dispatchTime"))
                .or(() -> last.path("number").asInt() == 1
                        ? ProtoTimes.instant(ObjectJson.text(last, "dispatchTime"))
                        : Optional.empty());
        return first.map(time ->
                Attempt.newBuilder().setDispatchTime(ProtoTimes.timestamp(time)).build());
    }

    private static Optional<Attempt> lastAttempt(JsonNode status) {
        JsonNode last = status.path("lastAttempt");
        if (last.isMissingNode()) {
            return Optional.empty();
        }
        Attempt.Builder attempt = Attempt.newBuilder();
        ProtoTimes.instant(ObjectJson.text(last, "scheduleTime"))
                .map(ProtoTimes::timestamp)
                .ifPresent(attempt::setScheduleTime);
        ProtoTimes.instant(ObjectJson.text(last, "dispatchTime"))
                .map(ProtoTimes::timestamp)
                .ifPresent(attempt::setDispatchTime);
        ProtoTimes.instant(ObjectJson.text(last, "responseTime"))
                .map(ProtoTimes::timestamp)
                .ifPresent(attempt::setResponseTime);
        attempt.setResponseStatus(AttemptStatus.of(last.path("statusCode").asInt(), ObjectJson.text(last, "reason")));
        return Optional.of(attempt.build());
    }

    private static HttpRequest http(JsonNode task, boolean full) {
        JsonNode request = task.path("spec").path("httpRequest");
        String given = ObjectJson.annotation(task, GatewayAnnotations.URL);
        HttpRequest.Builder message = HttpRequest.newBuilder()
                .setUrl(given == null ? url(task, request) : given)
                .setHttpMethod(method(request))
                .putAllHeaders(headers(request));
        if (full) {
            message.setBody(body(request));
        }
        JsonNode token = request.path("serviceAccountToken");
        if (token.isObject()) {
            String email = ObjectJson.annotation(task, GatewayAnnotations.OIDC_EMAIL);
            String account = ObjectJson.text(token, "serviceAccountName");
            message.setOidcToken(OidcToken.newBuilder()
                    .setServiceAccountEmail(Objects.requireNonNullElse(email, account + "@" + namespace(task) + ".svc"))
                    .setAudience(ObjectJson.text(token, "audience")));
        }
        return message.build();
    }

    private static String url(JsonNode task, JsonNode request) {
        JsonNode service = request.path("serviceRef");
        if (!service.has("name")) {
            return ObjectJson.text(task.path("status").path("request"), "url");
        }
        String scheme = ObjectJson.text(request, "scheme").equals("HTTPS") ? "https" : "http";
        String port = ObjectJson.text(service, "port");
        return scheme + "://" + host(task) + (port.isEmpty() ? "" : ":" + port) + path(request);
    }

    private static String host(JsonNode task) {
        String service = ObjectJson.text(task.path("spec").path("httpRequest").path("serviceRef"), "name");
        return service.isEmpty() ? "" : service + "." + namespace(task) + ".svc";
    }

    private static String namespace(JsonNode task) {
        return ObjectJson.text(task.path("metadata"), "namespace");
    }

    private static String path(JsonNode request) {
        return request.path("path").asText("/");
    }

    private static AppEngineHttpRequest appEngine(JsonNode task, String routing, boolean full) {
        JsonNode request = task.path("spec").path("httpRequest");
        AppEngineRouting.Builder given =
                ObjectJson.message(routing, AppEngineRouting.newBuilder()).orElse(AppEngineRouting.newBuilder());
        AppEngineHttpRequest.Builder message = AppEngineHttpRequest.newBuilder()
                .setHttpMethod(method(request))
                .setAppEngineRouting(given.setHost(host(task)))
                .setRelativeUri(path(request))
                .putAllHeaders(headers(request));
        if (full) {
            message.setBody(body(request));
        }
        return message.build();
    }

    private static HttpMethod method(JsonNode request) {
        return METHODS.getOrDefault(ObjectJson.text(request, "method").toUpperCase(Locale.ROOT), HttpMethod.POST);
    }

    private static Map<String, String> headers(JsonNode request) {
        var headers = new java.util.TreeMap<String, String>();
        request.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        headers.put("User-Agent", "Google-Cloud-Tasks");
        return headers;
    }

    private static ByteString body(JsonNode request) {
        if (request.has("body")) {
            return ByteString.copyFromUtf8(ObjectJson.text(request, "body"));
        }
        if (request.has("json")) {
            return ByteString.copyFrom(ObjectJson.write(request.path("json")));
        }
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(ObjectJson.text(request, "bodyBase64")));
        } catch (IllegalArgumentException notBase64) {
            return ByteString.EMPTY;
        }
    }
}
