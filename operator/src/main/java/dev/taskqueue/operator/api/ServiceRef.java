package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/** A Service of the same namespace, and its port by name or number. */
@Part
public record ServiceRef(
        @JsonPropertyDescription("""
                Name of the Service that gets the request, in the same namespace. Required: 1 to 63 characters, \
                lower-case letters, digits and "-". The Task waits with Accepted=False, reason TargetNotFound, \
                while it does not exist. Example: order-worker.""")
        @Required
        @Size(min = 1, max = 63) @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$") @Nullable String name,

        @JsonPropertyDescription("""
                Port of the Service, by its number (1 to 65535) or its name there. Default: the Service's port, \
                where it has only one; where it has several the Task waits with reason TargetNotFound. Example: \
                http.""")
        @ValidationRule(
                value = Rules.PORT,
                message =
                        "write the port's number, 1 to 65535, or its name in the Service (lower-case letters, digits and \"-\")")
        @Nullable IntOrString port) {}
