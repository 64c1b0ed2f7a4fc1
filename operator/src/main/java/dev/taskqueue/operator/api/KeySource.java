package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** Either a key of a ConfigMap or a key of a Secret. */
@Part
public record KeySource(
        @Nullable KeyRef configMapKeyRef, @Nullable KeyRef secretKeyRef) {}
