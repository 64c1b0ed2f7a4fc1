package dev.taskqueue.gateway.calls;

import dev.taskqueue.gateway.cluster.ApiClient;
import dev.taskqueue.gateway.cluster.ApiFailures;
import dev.taskqueue.gateway.cluster.ApiPaths;
import dev.taskqueue.gateway.cluster.ApiReply;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.failure.RpcFailure;

/** Reads one page of a list as the caller. */
final class PageReader {
    private final ApiClient api;

    PageReader(ApiClient api) {
        this.api = api;
    }

    /** Reads from the start; what was compacted meanwhile goes on with the place that the API server offers instead. */
    ApiReply read(CallContext call, String path, String fieldSelector, int limit, PageToken start) {
        ApiReply reply = page(call, path, fieldSelector, limit, start.resume());
        if (reply.code() == 410) {
            String offered = reply.body().path("metadata").path("continue").asText("");
            if (offered.isEmpty()) {
                throw RpcFailure.invalid("page_token", "The page token is too old; begin again without a token.");
            }
            reply = page(call, path, fieldSelector, limit, offered);
        }
        if (!reply.isOk()) {
            throw ApiFailures.of(reply);
        }
        return reply;
    }

    private ApiReply page(CallContext call, String path, String fieldSelector, int limit, String resume) {
        var query = new StringBuilder(path).append("?limit=").append(limit);
        if (!fieldSelector.isEmpty()) {
            query.append('&').append(ApiPaths.parameter("fieldSelector", fieldSelector));
        }
        if (!resume.isEmpty()) {
            query.append('&').append(ApiPaths.parameter("continue", resume));
        }
        return api.get(call, query.toString());
    }
}
