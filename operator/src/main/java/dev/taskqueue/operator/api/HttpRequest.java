package dev.taskqueue.operator.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The request that delivers a Task. */
@Part
public record HttpRequest(
        @Nullable ServiceRef serviceRef,
        @Nullable Scheme scheme,
        @Nullable String path,
        @Nullable Method method,
        @Nullable Map<String, String> headers,
        @Nullable List<SecretHeader> secretHeaders,
        @Nullable String body,
        @Nullable String bodyBase64,
        @Nullable KeySource bodyFrom,
        @Nullable ServiceAccountToken serviceAccountToken,
        @Nullable Tls tls) {}
