package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A request header whose value is in a Secret. */
@Part
public record SecretHeader(
        @JsonPropertyDescription("""
                Name of the header, 1 to 128 characters; capitals do not matter. Required. The same names are \
                refused as in headers, and a name that headers also has. Example: X-Api-Key.""")
        @Required
        @Size(min = 1, max = 128) @ValidationRule(value = Rules.HEADER_NAME, message = Rules.HEADER_NAME_MESSAGE)
        @ValidationRule(value = Rules.HEADER_FREE, message = Rules.HEADER_FREE_MESSAGE)
        @Nullable String name,

        @JsonPropertyDescription("""
                The key of the Secret that holds the value, read anew for each attempt. Required. A line break at \
                its end is cut off. Example: {name: order-worker-key, key: apiKey}.""") @Required @Nullable KeyRef secretKeyRef) {}
