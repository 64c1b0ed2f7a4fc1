package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A queue's defaults for the requests of its Tasks, or its overrides. */
@Part
@ValidationRule(
        value = Rules.HEADER_CLASH,
        message = "a header stands in both headers and secretHeaders (capitals do not matter); remove one")
public record HttpTarget(
        @JsonPropertyDescription("""
                Who wins where both the Task and this name the same part of a request. IfNotPresent (used where \
                nothing is set): the Task's part, and this only fills what the Task leaves out. Always: this, \
                whatever the Task says. Headers are merged name by name under the same rule. Example: \
                IfNotPresent.""") @Nullable TargetMode mode,

        @JsonPropertyDescription("""
                The Service that gets the request, in the same namespace. A Task of this queue may then leave its \
                own serviceRef out. ExternalName Services and the API server are refused. Example: {name: \
                order-worker, port: http}.""") @Nullable ServiceRef serviceRef,

        @JsonPropertyDescription("""
                HTTP or HTTPS. Default: HTTPS where the Service's port has the appProtocol https or is named \
                https, HTTP otherwise. Example: HTTPS.""") @Nullable Scheme scheme,

        @JsonPropertyDescription("""
                Path and query of the request, 1 to 2083 characters. It begins with "/"; spaces and other than \
                ASCII characters must be percent-encoded. Default: "/". Example: /tasks/invoice?x=1.""")
        @Size(min = 1, max = 2083) @ValidationRule(value = Rules.PATH, message = Rules.PATH_MESSAGE)
        @Nullable String path,

        @JsonPropertyDescription("""
                The HTTP method. Default: POST. Only POST, PUT and PATCH carry a body; where this makes another \
                method of a Task's, its body is not sent. Example: PUT.""") @Nullable Method method,

        @JsonPropertyDescription("""
                Request headers, name to value; at most 64, together less than 80 KB. Capitals in names do not \
                matter. Refused, because the operator sets them itself: Host, Content-Length, Transfer-Encoding, \
                Connection, TE, Trailer, Upgrade, Expect, and names that begin with Proxy-, X-CloudTasks-, \
                X-AppEngine-, X-Google- or TaskQueue-; Authorization gives way to a token. Content-Type has no \
                default. Everybody who may read this object sees the values: for secrets use secretHeaders. \
                Example: {Content-Type: application/json}.""")
        @Size(max = 64) @ValidationRule(value = Rules.HEADERS_NAMES, message = Rules.HEADER_NAME_MESSAGE)
        @ValidationRule(value = Rules.HEADERS_FREE, message = Rules.HEADER_FREE_MESSAGE)
        @ValidationRule(value = Rules.HEADERS_VALUES, message = Rules.HEADERS_VALUES_MESSAGE)
        @ValidationRule(
                value = Rules.HEADERS_SIZE,
                message =
                        "headers take less than 80 KB together, names and values; shorten them or send them in the body")
        @ValidationRule(value = Rules.HEADERS_TWICE, message = Rules.HEADERS_TWICE_MESSAGE)
        @Nullable Map<String, @Size(max = 81919) String> headers,

        @JsonPropertyDescription("""
                Request headers whose values lie in Secrets of the same namespace, at most 16, each name once. The \
                Task waits with reason SourceNotFound while a Secret or its key is missing. Example: [{name: \
                X-Api-Key, secretKeyRef: {name: order-worker-key, key: apiKey}}].""")
        @Size(max = 16) @ValidationRule(
                value = Rules.SECRET_HEADERS_TWICE,
                message = "two names in secretHeaders differ in capitals only and mean the same header; remove one")
        @Nullable List<SecretHeader> secretHeaders,

        @JsonPropertyDescription("""
                Sends a short-lived token of a ServiceAccount as "Authorization: Bearer", so that the handler \
                knows who calls. Default: no token. Example: {serviceAccountName: task-dispatcher}.""") @Nullable ServiceAccountToken serviceAccountToken,

        @JsonPropertyDescription("""
                How the target's certificate is checked; only HTTPS uses it. Default: the operator's trust store \
                and the name SERVICE.NAMESPACE.svc. Example: {caFrom: {configMapKeyRef: {name: company-ca, key: \
                ca.crt}}}.""") @Nullable Tls tls) {

    /** Without its contents: headers may be private, and what is printed ends in logs. */
    @Override
    public String toString() {
        return "HttpTarget[...]";
    }
}
