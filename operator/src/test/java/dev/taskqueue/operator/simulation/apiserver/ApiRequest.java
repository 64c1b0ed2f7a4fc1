package dev.taskqueue.operator.simulation.apiserver;

import java.util.Map;

/**
 * A request to the API server.
 *
 * @param user who sends it; permissions are not checked
 * @param path decoded, without the query, such as {@code /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks}
 * @param accept the header Accept; empty = JSON
 * @param contentType the header Content-Type; may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ApiRequest(
        String user,
        String method,
        String path,
        Map<String, String> query,
        String accept,
        String contentType,
        byte[] body) {

    /** The value of a query parameter; empty if it is missing. */
    String parameter(String name) {
        return query.getOrDefault(name, "");
    }

    boolean isWrite() {
        return !method.equals("GET");
    }

    boolean wantsMetadataOnly() {
        return accept.contains("as=PartialObjectMetadata");
    }

    boolean acceptsJson() {
        return accept.isEmpty() || accept.contains("json") || accept.contains("*/*");
    }
}
