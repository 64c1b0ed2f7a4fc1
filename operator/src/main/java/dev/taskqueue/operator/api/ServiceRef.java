package dev.taskqueue.operator.api;

import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/** A Service of the same namespace, and its port by name or number. */
@Part
public record ServiceRef(@Nullable String name, @Nullable IntOrString port) {}
