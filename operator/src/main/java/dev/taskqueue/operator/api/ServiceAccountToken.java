package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The ServiceAccount token that a request carries. */
@Part
public record ServiceAccountToken(
        @JsonPropertyDescription("""
                Name of the ServiceAccount, in the same namespace, whose token the request carries as \
                "Authorization: Bearer". Required. The operator must be allowed to create its tokens, else the \
                Task waits with reason TokenNotPermitted. Example: task-dispatcher.""") @Required @ObjectName @Nullable String serviceAccountName,

        @JsonPropertyDescription("""
                The one audience the token is made for, which the handler must check. Default: http:// or https:// \
                and SERVICE.NAMESPACE.svc of the target. 1 to 1024 printable characters without spaces; the API \
                server's own audiences are refused. Example: https://order-worker.shop.svc.""") @Size(min = 1, max = 1024) @Pattern("^[!-~]+$") @Nullable
        String audience) {}
