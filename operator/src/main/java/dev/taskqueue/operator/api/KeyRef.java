package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One key of a Secret or ConfigMap of the same namespace. */
@Part
public record KeyRef(
        @JsonPropertyDescription("""
                Name of the Secret or ConfigMap, in the same namespace. Required. The Task waits with \
                Accepted=False, reason SourceNotFound, while it does not exist. Example: payloads.""") @Required @ObjectName @Nullable String name,

        @JsonPropertyDescription("""
                The key inside it whose value is taken. Required: 1 to 253 letters, digits, "-", "_" and ".". \
                Example: order-4711.json.""") @Required @Size(min = 1, max = 253) @Pattern("^[-._a-zA-Z0-9]+$") @Nullable String key) {}
