package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Where a list goes on. It is not signed: the API server judges {@code resume} as the caller.
 *
 * @param resume what the API server calls {@code continue}; empty = from the beginning
 * @param last the last name of the page from there that was given; empty = none
 */
record PageToken(String resume, String last) {
    /** What an answer may have at most: clients take no message above 4 MiB. */
    static final int MOST_BYTES = 4 * 1024 * 1024 - 64 * 1024;

    private static final int VERSION = 1;

    /** What a token is good for: the same call again. */
    record Scope(String method, String namespace, String queue, String filter) {}

    /** The number of entries that a request asks for. */
    static int size(int asked, int most) {
        if (asked < 0) {
            throw RpcFailure.invalid("page_size", "The page size must not be negative.");
        }
        return asked == 0 || asked > most ? most : asked;
    }

    /** Reads the token of a request; an empty one is the beginning. */
    static PageToken read(String token, Scope scope) {
        if (token.isEmpty()) {
            return new PageToken("", "");
        }
        try {
            JsonNode read = ObjectJson.MAPPER.readTree(Base64.getUrlDecoder().decode(token));
            boolean same = read.path("version").asInt() == VERSION
                    && ObjectJson.text(read, "method").equals(scope.method())
                    && ObjectJson.text(read, "namespace").equals(scope.namespace())
                    && ObjectJson.text(read, "queue").equals(scope.queue())
                    && ObjectJson.text(read, "filter").equals(scope.filter());
            if (same) {
                return new PageToken(ObjectJson.text(read, "continue"), ObjectJson.text(read, "last"));
            }
        } catch (IllegalArgumentException | IOException notOurs) {
            // The sentence below says it.
        }
        throw RpcFailure.invalid("page_token", "The page token is not one of this list; begin again without a token.");
    }

    /** Where the list goes on after this page; absent at its end. */
    static Optional<PageToken> next(ClusterReply page) {
        String next = page.body().path("metadata").path("continue").asText("");
        return next.isEmpty() ? Optional.empty() : Optional.of(new PageToken(next, ""));
    }

    /** The objects of the page from here that were not given yet. */
    List<JsonNode> rest(ClusterReply page) {
        var rest = new ArrayList<JsonNode>();
        for (JsonNode object : page.body().path("items")) {
            if (name(object).compareTo(last) > 0) {
                rest.add(object);
            }
        }
        return rest;
    }

    static String name(JsonNode object) {
        return ObjectJson.text(object.path("metadata"), "name");
    }

    PageToken after(String name) {
        return new PageToken(resume, name);
    }

    String write(Scope scope) {
        ObjectNode token = ObjectJson.object();
        token.put("version", VERSION)
                .put("method", scope.method())
                .put("namespace", scope.namespace())
                .put("queue", scope.queue())
                .put("filter", scope.filter())
                .put("continue", resume)
                .put("last", last);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(ObjectJson.write(token));
    }
}
