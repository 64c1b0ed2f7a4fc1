package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request, merged from Task and queue. It never has the values of headers, the body or a token. */
@Part
public record RequestSummary(
        @JsonPropertyDescription("""
                The HTTP method. Example: POST.""") @Size(max = 16) @Nullable String method,

        @JsonPropertyDescription("""
                Where it goes: scheme, host, port, path and query. While the Service or its endpoints are missing, \
                without what only they can tell (scheme, port). Example: \
                http://order-worker.shop.svc:8080/tasks/invoice?x=1.""") @Size(max = 2560) @Nullable
        String url,

        @JsonPropertyDescription("""
                Names of the users' headers, from Task and queue; the operator adds its own. Example: \
                [Content-Type, X-Env].""") @Size(max = 128) @Nullable List<@Size(max = 128) String> headers,

        @JsonPropertyDescription("""
                Names of the headers whose values lie in Secrets. Example: [X-Api-Key].""") @Size(max = 32) @Nullable List<@Size(max = 128) String> secretHeaders,

        @JsonPropertyDescription("""
                Where the body lies: inline (in the Task's spec), or the Secret or ConfigMap and its key; absent \
                where none is sent. Example: Secret payloads, key order-4711.json.""") @Size(max = 640) @Nullable String body,

        @JsonPropertyDescription("""
                The ServiceAccount whose token it carries; absent without one. Example: task-dispatcher.""") @Size(max = 253) @Nullable String serviceAccountName,

        @JsonPropertyDescription("""
                The audience of that token. Example: http://order-worker.shop.svc.""") @Size(max = 1024) @Nullable
        String audience,

        @JsonPropertyDescription("""
                Which of these the queue's httpTarget gave: serviceRef, scheme, path, method, serviceAccountToken, \
                tls, headers.NAME, secretHeaders.NAME. Example: [serviceRef, headers.X-Env].""") @Size(max = 100) @Nullable List<@Size(max = 160) String> fromQueue,

        @JsonPropertyDescription("""
                The metadata.generation of the TaskQueue whose httpTarget this is made of; where the TaskQueue has \
                a newer one by now, the next attempt goes by that. Example: 3.""") @Min(0) @Max(9007199254740991L) @Nullable Long queueGeneration) {}
