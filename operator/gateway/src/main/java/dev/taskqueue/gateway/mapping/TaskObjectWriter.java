package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.taskqueue.client.Durations;
import dev.taskqueue.client.TaskNames;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.MappingRules.ServiceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/** Writes the Task that a {@code CreateTask} asks for. */
public final class TaskObjectWriter {
    private static final String CONTENT_TYPE = "content-type";
    private static final String OCTETS = "application/octet-stream";
    private static final int MOST_BYTES = 256 * 1024;
    private static final Duration LEAST_DEADLINE = Duration.ofSeconds(15);
    private static final Duration MOST_HTTP = Duration.ofMinutes(30);
    private static final Duration MOST_APP_ENGINE = Duration.ofHours(24).plusSeconds(15);

    private final MappingRules rules;
    private final UrlTargets targets;
    private final TaskLimits limits;

    /** Writes by these rules; see {@link UrlTargets} for {@code services} and {@code unmapped}. */
    public TaskObjectWriter(
            MappingRules rules, TaskLimits limits, BiPredicate<String, String> services, Consumer<String> unmapped) {
        this.rules = rules;
        this.targets = new UrlTargets(rules, services, unmapped);
        this.limits = limits;
    }

    /**
     * Writes a Task.
     *
     * @param key the task's id, given or chosen
     * @param request identifies the call
     * @param now the time of the call
     */
    public ObjectNode write(Task task, QueueSnapshot queue, String namespace, String key, String request, Instant now) {
        ObjectNode object = write(task, queue, namespace, now);
        ObjectNode metadata = object.withObjectProperty("metadata").put("name", TaskNames.of(queue.object(), key));
        metadata.withObjectProperty("annotations")
                .put(GatewayAnnotations.KEY, key)
                .put(GatewayAnnotations.REQUEST, request);
        return object;
    }

    /** The Task as an item of a TaskBatch; absent if an item cannot carry it. */
    public Optional<ItemDraft> item(Task task, QueueSnapshot queue, String namespace, Instant now) {
        return ItemWriter.write(write(task, queue, namespace, now), now.plus(limits.maxItemAhead()));
    }

    /** Writes a Task that has no name yet. */
    private ObjectNode write(Task task, QueueSnapshot queue, String namespace, Instant now) {
        ObjectNode object = ObjectJson.object();
        object.put("apiVersion", "taskqueue.dev/v1beta1").put("kind", "Task");
        ObjectNode metadata = object.putObject("metadata").put("namespace", namespace);
        ObjectNode annotations = metadata.putObject("annotations");
        ObjectNode spec = object.putObject("spec");
        spec.putObject("queueRef").put("name", queue.object());
        schedule(task, spec, now);
        switch (task.getMessageTypeCase()) {
            case HTTP_REQUEST -> {
                deadline(task, spec, MOST_HTTP, "30m");
                http(task.getHttpRequest(), queue, namespace, annotations, spec.putObject("httpRequest"));
            }
            case APP_ENGINE_HTTP_REQUEST -> {
                deadline(task, spec, MOST_APP_ENGINE, "24h15s");
                appEngine(task.getAppEngineHttpRequest(), queue, namespace, annotations, spec.putObject("httpRequest"));
            }
            case MESSAGETYPE_NOT_SET ->
                throw RpcFailure.invalid("task", "Task.http_request or Task.app_engine_http_request is required.");
        }
        return object;
    }

    private void schedule(Task task, ObjectNode spec, Instant now) {
        if (!task.hasScheduleTime()) {
            return;
        }
        Instant time = ProtoTimes.instant(task.getScheduleTime(), "task.schedule_time");
        if (time.isAfter(now.plus(limits.maxScheduleAhead()))) {
            throw RpcFailure.invalid(
                    "task.schedule_time",
                    "The Task.scheduleTime, " + time + ", is too far in the future. Tasks can be scheduled up to "
                            + limits.maxScheduleAhead().toHours() + " hours ahead.");
        }
        if (time.isAfter(now)) {
            spec.put("scheduleTime", time.toString());
        }
    }

    private void deadline(Task task, ObjectNode spec, Duration most, String mostText) {
        if (!task.hasDispatchDeadline()) {
            return;
        }
        String field = "task.dispatch_deadline";
        Duration deadline = ProtoTimes.duration(task.getDispatchDeadline(), field);
        if (deadline.compareTo(LEAST_DEADLINE) < 0 || deadline.compareTo(most) > 0) {
            throw RpcFailure.invalid(field, "Task.dispatchDeadline must be between [15s, " + mostText + "].");
        }
        if (deadline.compareTo(limits.maxDispatchDeadline()) > 0) {
            String longest = Durations.text(limits.maxDispatchDeadline());
            throw RpcFailure.invalid(
                    field,
                    "Task.dispatchDeadline must be between [15s, " + longest
                            + "]: the operator here allows no longer one.");
        }
        spec.put("dispatchDeadline", Durations.text(deadline));
    }

    private void http(
            HttpRequest http, QueueSnapshot queue, String namespace, ObjectNode annotations, ObjectNode request) {
        boolean hasOidc = http.hasOidcToken();
        if (http.hasOauthToken()) {
            throw RpcFailure.invalid(
                    "task.http_request.oauth_token",
                    "HttpRequest.oauth_token is for Google's own APIs and is not supported; use oidc_token.");
        }
        UrlTargets.Target target = targets.find(http.getUrl(), namespace, queue);
        if (!http.getUrl().isEmpty()) {
            annotations.put(GatewayAnnotations.URL, http.getUrl());
        }
        ServiceRef service = target.service();
        if (service != null) {
            service(service, request);
        }
        String scheme = target.scheme();
        if (scheme != null) {
            request.put("scheme", scheme);
        }
        request.put("path", target.path());
        method(http.getHttpMethod(), "task.http_request.http_method", request);
        headers(TaskHeaderRules.write(http.getHeadersMap(), hasOidc, "task.http_request.headers"), request);
        body(http.getBody(), http.getHttpMethod(), "task.http_request.body", request);
        if (hasOidc) {
            token(http, namespace, annotations, request);
        }
    }

    private void token(HttpRequest http, String namespace, ObjectNode annotations, ObjectNode request) {
        String email = http.getOidcToken().getServiceAccountEmail();
        String field = "task.http_request.oidc_token.service_account_email";
        if (email.isEmpty()) {
            throw RpcFailure.invalid(field, "OidcToken.service_account_email is required.");
        }
        String account = rules.serviceAccount(namespace, email)
                .orElseThrow(() -> RpcFailure.invalid(
                        field,
                        "OidcToken.service_account_email \"" + ShownText.text(email)
                                + "\" stands for no ServiceAccount of the namespace; map it in gateway.oidc."));
        String given = http.getOidcToken().getAudience();
        String audience = given.isEmpty() ? http.getUrl().split("\\?", 2)[0] : given;
        annotations.put(GatewayAnnotations.OIDC_EMAIL, email);
        ObjectNode token = request.putObject("serviceAccountToken").put("serviceAccountName", account);
        if (!audience.isEmpty()) {
            token.put("audience", audience);
        }
    }

    private void appEngine(
            AppEngineHttpRequest http,
            QueueSnapshot queue,
            String namespace,
            ObjectNode annotations,
            ObjectNode request) {
        AppEngineRouting routing = queue.routing(http.getAppEngineRouting());
        String field = "task.app_engine_http_request";
        if (!routing.getInstance().isEmpty()) {
            throw RpcFailure.invalid(
                    field + ".app_engine_routing.instance",
                    "AppEngineRouting.instance is not supported: a Service has no such instances. Leave it out.");
        }
        if (!queue.appEngine()) {
            throw RpcFailure.of(
                    Code.FAILED_PRECONDITION,
                    "The queue " + queue.id()
                            + " does not send App Engine's headers: add AppEngine to spec.headerFamilies of its TaskQueue.");
        }
        String path = http.getRelativeUri().isEmpty() ? "/" : http.getRelativeUri();
        if (!path.startsWith("/")) {
            throw RpcFailure.invalid(
                    field + ".relative_uri", "AppEngineHttpRequest.relative_uri must begin with \"/\".");
        }
        service(targets.appEngine(namespace, routing.getService(), routing.getVersion()), request);
        annotations.put(
                GatewayAnnotations.APP_ENGINE,
                ObjectJson.text(routing.toBuilder().clearHost().build()));
        request.put("path", path);
        method(http.getHttpMethod(), field + ".http_method", request);
        ObjectNode headers = TaskHeaderRules.write(http.getHeadersMap(), false, field + ".headers");
        if (!http.getBody().isEmpty() && !hasContentType(http.getHeadersMap())) {
            headers.put("Content-Type", OCTETS);
        }
        headers(headers, request);
        body(http.getBody(), http.getHttpMethod(), field + ".body", request);
    }

    private static boolean hasContentType(Map<String, String> headers) {
        return headers.keySet().stream().anyMatch(name -> name.equalsIgnoreCase(CONTENT_TYPE));
    }

    private static void service(ServiceRef service, ObjectNode request) {
        ObjectNode written = request.putObject("serviceRef").put("name", service.name());
        String port = service.port();
        if (port != null) {
            JsonNode value = ServicePorts.read(port)
                    .orElseThrow(() -> new IllegalArgumentException("the mapping file was checked: " + port));
            written.set("port", value);
        }
    }

    private static void headers(ObjectNode headers, ObjectNode request) {
        if (!headers.isEmpty()) {
            request.set("headers", headers);
        }
    }

    private static void method(HttpMethod method, String field, ObjectNode request) {
        switch (method) {
            case HTTP_METHOD_UNSPECIFIED -> request.put("method", HttpMethod.POST.name());
            case UNRECOGNIZED -> throw RpcFailure.invalid(field, field + " is a number that stands for no method.");
            default -> request.put("method", method.name());
        }
    }

    private static void body(ByteString body, HttpMethod method, String field, ObjectNode request) {
        if (body.isEmpty()) {
            return;
        }
        if (body.size() > MOST_BYTES) {
            throw RpcFailure.invalid(
                    field,
                    "Task size too large: the body has " + body.size() + " bytes, and at most " + MOST_BYTES
                            + " are allowed; put larger contents elsewhere and send a reference.");
        }
        switch (method) {
            case HTTP_METHOD_UNSPECIFIED, POST, PUT, PATCH -> {
                if (body.isValidUtf8() && !hasNul(body)) {
                    request.put("body", body.toStringUtf8());
                } else {
                    request.put("bodyBase64", Base64.getEncoder().encodeToString(body.toByteArray()));
                }
            }
            default ->
                throw RpcFailure.invalid(
                        field, "A body is only allowed with the methods POST, PUT and PATCH, not with " + method + ".");
        }
    }

    /** The API server stores no text with it. */
    private static boolean hasNul(ByteString body) {
        for (int i = 0; i < body.size(); i++) {
            if (body.byteAt(i) == 0) {
                return true;
            }
        }
        return false;
    }
}
