package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Either a key of a ConfigMap or a key of a Secret. */
@Part
@ValidationRule(
        value = "has(self.configMapKeyRef) != has(self.secretKeyRef)",
        message = "set exactly one of configMapKeyRef and secretKeyRef")
public record KeySource(
        @JsonPropertyDescription("""
                The key of a ConfigMap, for what may be read by everybody who may read ConfigMaps here. Exactly \
                one of configMapKeyRef and secretKeyRef is set. Example: {name: company-ca, key: ca.crt}.""") @Nullable KeyRef configMapKeyRef,

        @JsonPropertyDescription("""
                The key of a Secret, for what is private. Exactly one of configMapKeyRef and secretKeyRef is set. \
                Example: {name: payloads, key: order-4711.json}.""") @Nullable KeyRef secretKeyRef) {}
