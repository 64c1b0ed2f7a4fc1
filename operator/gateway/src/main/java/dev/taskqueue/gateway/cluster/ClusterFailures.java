package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.ArrayList;
import java.util.List;

/** What a refusal of the API server means to a client of Cloud Tasks. */
public final class ClusterFailures {
    private ClusterFailures() {}

    /** The failure for an answer that is none of those that the call expects. */
    public static RpcFailure of(ClusterReply reply) {
        return switch (reply.code()) {
            case 400 -> RpcFailure.of(Code.INVALID_ARGUMENT, reply.message());
            case 401 ->
                RpcFailure.of(
                        Code.UNAVAILABLE,
                        "The API server refuses the gateway's own credentials; its operator has to look at its ServiceAccount.");
            case 403 -> forbidden(reply.message());
            case 404 -> notFound(reply);
            case 409 -> RpcFailure.of(Code.ABORTED, "The object was changed at the same time; try again.");
            case 413 -> RpcFailure.invalid("task", "Task size too large: the API server refuses the object.");
            case 422 -> RpcFailure.invalid(reply.message(), violations(reply.body()));
            case 429 ->
                RpcFailure.exhausted(
                        "The API server has too many requests; come again later.", Math.max(1, reply.retryAfter()));
            default ->
                RpcFailure.of(
                        Code.UNAVAILABLE,
                        "The API server answers " + reply.code()
                                + (reply.message().isEmpty() ? "." : ": " + reply.message()));
        };
    }

    /** A quota is no matter of rights, although the API server answers with the same code; Cloud Tasks has another. */
    private static RpcFailure forbidden(String message) {
        return message.contains("exceeded quota: ")
                ? RpcFailure.quota(message)
                : RpcFailure.denied(message, "FORBIDDEN");
    }

    /** A missing object is handled by the calls; here the namespace or the kinds are missing. */
    private static RpcFailure notFound(ClusterReply reply) {
        String kind = reply.body().path("details").path("kind").asText("");
        return RpcFailure.of(
                Code.FAILED_PRECONDITION,
                kind.equals("namespaces")
                        ? "The namespace of this project does not exist: " + reply.message() + "."
                        : "The cluster does not have the TaskQueue CRDs, or not of this version; install them.");
    }

    private static List<FieldViolation> violations(JsonNode status) {
        var violations = new ArrayList<FieldViolation>();
        status.path("details")
                .path("causes")
                .forEach(cause -> violations.add(RpcFailure.violation(
                        cause.path("field").asText(""), cause.path("message").asText(""))));
        return violations;
    }
}
