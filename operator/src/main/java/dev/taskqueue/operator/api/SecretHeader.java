package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** A request header whose value lies in a Secret. */
@Part
public record SecretHeader(@Nullable String name, @Nullable KeyRef secretKeyRef) {}
