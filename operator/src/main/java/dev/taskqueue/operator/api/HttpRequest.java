package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The request that delivers a Task. */
@Part
@ValidationRule(
        value = Rules.HEADER_CLASH,
        message = "a header stands in both headers and secretHeaders (capitals do not matter); remove one")
@ValidationRule(value = Rules.ONE_BODY, message = "set at most one of body, bodyBase64, json and bodyFrom")
@ValidationRule(value = Rules.BODY_SIZE, message = Rules.BODY_SIZE_MESSAGE, fieldPath = ".body")
@ValidationRule(value = Rules.BASE64, message = Rules.BASE64_MESSAGE, fieldPath = ".bodyBase64")
@ValidationRule(value = Rules.BASE64_SIZE, message = Rules.BODY_SIZE_MESSAGE, fieldPath = ".bodyBase64")
@ValidationRule(
        value = Rules.BODY_METHOD,
        message = "GET, HEAD, DELETE and OPTIONS carry no body; use method POST, PUT or PATCH, or remove the body")
@ValidationRule(
        value = Rules.AUTHORIZATION,
        message =
                "serviceAccountToken sends the Authorization header itself; remove Authorization from headers and secretHeaders, or remove serviceAccountToken")
public record HttpRequest(
        @JsonPropertyDescription("""
                The Service that gets the request, in the same namespace. Where it is left out, the queue's \
                httpTarget.serviceRef is used; without either the Task waits with Accepted=False, reason \
                TargetNotFound. ExternalName Services and the API server are refused. Example: {name: \
                order-worker, port: http}.""") @Nullable ServiceRef serviceRef,

        @JsonPropertyDescription("""
                HTTP or HTTPS. Default: the queue's httpTarget.scheme; else HTTPS where the Service's port has the \
                appProtocol https or is named https, HTTP otherwise. Example: HTTPS.""") @Nullable Scheme scheme,

        @JsonPropertyDescription("""
                Path and query of the request, 1 to 2083 characters. It begins with "/"; spaces and other than \
                ASCII characters must be percent-encoded. Default: the queue's httpTarget.path, else "/". Example: \
                /tasks/invoice?x=1.""")
        @Size(min = 1, max = 2083) @ValidationRule(value = Rules.PATH, message = Rules.PATH_MESSAGE)
        @Nullable String path,

        @JsonPropertyDescription("""
                The HTTP method. Default: the queue's httpTarget.method, else POST. Only POST, PUT and PATCH carry \
                a body. Example: PUT.""") @Nullable Method method,

        @JsonPropertyDescription("""
                Request headers, name to value; at most 64, together less than 80 KB. Capitals in names do not \
                matter. Refused, because the operator sets them itself: Host, Content-Length, Transfer-Encoding, \
                Connection, TE, Trailer, Upgrade, Expect, and names that begin with Proxy-, X-CloudTasks-, \
                X-AppEngine-, X-Google- or TaskQueue-; Authorization where serviceAccountToken is set. \
                Content-Type has no default. Everybody who may read this object sees the values: for secrets use \
                secretHeaders. Example: {Content-Type: application/json}.""")
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
                The request's body as text, sent as UTF-8; at most 256 KiB (262144 bytes). Default: no body. At \
                most one of body, bodyBase64, json and bodyFrom, and only with POST, PUT and PATCH. It is stored in the \
                Task, where everybody who may read the Task sees it: for private or larger bodies use bodyFrom. \
                Example: '{"orderId":"4711"}'.""") @Size(max = 1572864) @Nullable String body,

        @JsonPropertyDescription("""
                The request's body in base64 (standard alphabet, padded, no line breaks), for bodies that are no \
                text; at most 256 KiB decoded. Default: no body. At most one of body, bodyBase64, json and bodyFrom, \
                and only with POST, PUT and PATCH. Example: eyJvcmRlcklkIjoiNDcxMSJ9.""") @Size(max = 2097152) @Nullable String bodyBase64,

        @JsonPropertyDescription("""
                The request's body as any JSON value, written as YAML or JSON; sent as compact JSON, with the header \
                Content-Type: application/json unless this Task or its queue sets one. At most 256 KiB as compact \
                JSON, else the Task waits with reason LimitExceeded. Numbers are sent as the API server keeps them: \
                64-bit whole numbers, or 64-bit floating point. null is the same as no body. Default: no body. At \
                most one of body, bodyBase64, json and bodyFrom, and only with POST, PUT and PATCH. Example: \
                {orderId: "4711", lines: [{sku: A-1, count: 2}]}.""") @Nullable JsonText json,

        @JsonPropertyDescription("""
                A key of a Secret or ConfigMap of the same namespace that holds the request's body, at most 1 MiB; \
                read anew for each attempt, so keep it until the Task has ended. Default: no body. At most one of \
                body, bodyBase64, json and bodyFrom, and only with POST, PUT and PATCH. The Task waits with reason \
                SourceNotFound while it is missing, and LimitExceeded while it is larger. Example: {secretKeyRef: \
                {name: payloads, key: order-4711.json}}.""") @Nullable KeySource bodyFrom,

        @JsonPropertyDescription("""
                Sends a short-lived token of a ServiceAccount as "Authorization: Bearer", so that the handler \
                knows who calls. Default: the queue's httpTarget.serviceAccountToken, else no token. Example: \
                {serviceAccountName: task-dispatcher}.""") @Nullable ServiceAccountToken serviceAccountToken,

        @JsonPropertyDescription("""
                How the target's certificate is checked; only HTTPS uses it. Default: the queue's httpTarget.tls, \
                else the operator's trust store and the name SERVICE.NAMESPACE.svc. Example: {caFrom: \
                {configMapKeyRef: {name: company-ca, key: ca.crt}}}.""") @Nullable Tls tls) {

    /** A request that says nothing. */
    public static final HttpRequest EMPTY =
            new HttpRequest(null, null, null, null, null, null, null, null, null, null, null, null);

    /** The same request with another path and other headers. */
    public HttpRequest with(
            @Nullable String otherPath,
            @Nullable Map<String, String> otherHeaders,
            @Nullable List<SecretHeader> otherSecretHeaders) {
        return new HttpRequest(
                serviceRef,
                scheme,
                otherPath,
                method,
                otherHeaders,
                otherSecretHeaders,
                body,
                bodyBase64,
                json,
                bodyFrom,
                serviceAccountToken,
                tls);
    }

    /** The same request with this body alone; without one if it is null. */
    public HttpRequest withOnlyJson(@Nullable JsonText otherJson) {
        return new HttpRequest(
                serviceRef,
                scheme,
                path,
                method,
                headers,
                secretHeaders,
                null,
                null,
                otherJson,
                null,
                serviceAccountToken,
                tls);
    }

    /** Without its contents: headers and body may be private, and what is printed ends in logs. */
    @Override
    public String toString() {
        return "HttpRequest[...]";
    }
}
