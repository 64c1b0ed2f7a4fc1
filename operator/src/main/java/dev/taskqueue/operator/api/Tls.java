package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** How the certificate of an HTTPS target is checked. */
@Part
public record Tls(
        @JsonPropertyDescription("""
                The certificates of the authorities that may have signed the target's certificate, PEM. Default: \
                the trust store of the operator's image. Exactly one of configMapKeyRef and secretKeyRef. Example: \
                {configMapKeyRef: {name: company-ca, key: ca.crt}}.""") @Nullable KeySource caFrom,

        @JsonPropertyDescription("""
                The name that the target's certificate must carry, a DNS name: 1 to 253 letters, digits, "-" and \
                "."; an IP address is not accepted. Default: SERVICE.NAMESPACE.svc. Example: orders.example.com.""")
        @Size(min = 1, max = 253) @Pattern("^([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\\.)*[a-zA-Z]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$") @Nullable String serverName) {}
