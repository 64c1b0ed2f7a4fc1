package dev.taskqueue.operator.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a queue lays under, or over, the request of each of its Tasks. */
@Part
public record HttpTarget(
        @Nullable TargetMode mode,
        @Nullable ServiceRef serviceRef,
        @Nullable Scheme scheme,
        @Nullable String path,
        @Nullable Method method,
        @Nullable Map<String, String> headers,
        @Nullable List<SecretHeader> secretHeaders,
        @Nullable ServiceAccountToken serviceAccountToken,
        @Nullable Tls tls) {}
