package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** A TaskQueue of the same namespace. */
@Part
public record QueueRef(
        @JsonPropertyDescription("""
                Name of the TaskQueue, in the same namespace. Required: 1 to 253 characters, lower-case letters, \
                digits, "-" and ".". Example: order-tasks.""") @Required @ObjectName @Nullable String name) {}
