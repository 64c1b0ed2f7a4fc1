package dev.taskqueue.gateway.calls;

import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.failure.RpcFailure;

/** The sentences that programs match on, and how answers of the API server become them. */
final class CallAnswers {
    static final String NO_ENTITY = "Requested entity was not found.";
    static final String NO_QUEUE = "Queue does not exist.";

    private CallAnswers() {}

    /** Whether the object is missing, and not its namespace or its kind. */
    static boolean isMissingObject(ClusterReply reply) {
        return reply.code() == 404
                && reply.body().path("details").has("name")
                && !reply.body().path("details").path("kind").asText().equals("namespaces");
    }

    static RpcFailure notFound(String message) {
        return RpcFailure.of(Code.NOT_FOUND, message);
    }

    static RpcFailure noQueue() {
        return notFound(
                NO_QUEUE + " If you just created the queue, wait at least a minute for the queue to initialize.");
    }

    static RpcFailure conflict() {
        return RpcFailure.of(Code.ABORTED, "The API server refuses the object because of a conflict; try again.");
    }

    static RpcFailure ended() {
        return notFound("The task no longer exists, though a task with this name existed recently."
                + " It has ended; kubectl get shows its status while it is retained.");
    }

    /** Fails unless the request was done; {@code missing} is for an object that does not exist. */
    static ClusterReply check(ClusterReply reply, RpcFailure missing) {
        if (reply.isOk()) {
            return reply;
        }
        throw isMissingObject(reply) ? missing : ClusterFailures.of(reply);
    }
}
