package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** The identity a request carries as bearer token. */
@Part
public record ServiceAccountToken(
        @Nullable String serviceAccountName, @Nullable String audience) {}
