package dev.taskqueue.gateway.calls;

import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterPaths;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.failure.RpcFailure;

/** Reads one page of a list as the caller. */
final class PageReader {
    private final ClusterClient api;

    PageReader(ClusterClient api) {
        this.api = api;
    }

    /** Reads from the start; what was compacted meanwhile goes on with the place that the API server offers instead. */
    ClusterReply read(CallContext call, String path, String fieldSelector, int limit, PageToken start) {
        ClusterReply reply = page(call, path, fieldSelector, limit, start.resume());
        if (reply.code() == 410) {
            String offered = reply.body().path("metadata").path("continue").asText("");
            if (offered.isEmpty()) {
                throw RpcFailure.invalid("page_token", "The page token is too old; begin again without a token.");
            }
            reply = page(call, path, fieldSelector, limit, offered);
        }
        if (!reply.isOk()) {
            throw ClusterFailures.of(reply);
        }
        return reply;
    }

    private ClusterReply page(CallContext call, String path, String fieldSelector, int limit, String resume) {
        var query = new StringBuilder(path).append("?limit=").append(limit);
        if (!fieldSelector.isEmpty()) {
            query.append('&').append(ClusterPaths.parameter("fieldSelector", fieldSelector));
        }
        if (!resume.isEmpty()) {
            query.append('&').append(ClusterPaths.parameter("continue", resume));
        }
        return api.get(call, query.toString());
    }
}
