package dev.taskqueue.gateway.calls;

import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.ApiFailures;
import dev.taskqueue.gateway.cluster.ApiReply;
import dev.taskqueue.gateway.failure.RpcFailure;

/** The sentences that programs match on, and how answers of the API server become them. */
final class Answers {
    static final String NO_ENTITY = "Requested entity was not found.";
    static final String NO_QUEUE = "Queue does not exist.";

    private Answers() {}

    /** Whether the object is missing, and not its namespace or its kind. */
    static boolean isMissingObject(ApiReply reply) {
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

    /** Fails unless the request was done; {@code missing} is for an object that does not exist. */
    static ApiReply check(ApiReply reply, RpcFailure missing) {
        if (reply.isOk()) {
            return reply;
        }
        throw isMissingObject(reply) ? missing : ApiFailures.of(reply);
    }
}
