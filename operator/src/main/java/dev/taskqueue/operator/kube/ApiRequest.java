package dev.taskqueue.operator.kube;

import java.nio.charset.StandardCharsets;

/**
 * One request to the API server.
 *
 * @param path with its query, without a slash at the beginning
 * @param accept the wanted form of the answer, a media type
 * @param contentType the media type of the body; empty without a body
 * @param body empty = none
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes go straight to the connection, and are compared with nothing
public record ApiRequest(String method, String path, String accept, String contentType, byte[] body) {
    static final String JSON = "application/json";
    static final String MERGE_PATCH = "application/merge-patch+json";
    static final String JSON_PATCH = "application/json-patch+json";
    private static final byte[] NONE = {};

    /** A request for JSON, without a body. */
    public static ApiRequest get(String path) {
        return new ApiRequest("GET", path, JSON, "", NONE);
    }

    /** A request with a body. */
    static ApiRequest of(String method, String path, String accept, String contentType, String body) {
        return new ApiRequest(method, path, accept, contentType, body.getBytes(StandardCharsets.UTF_8));
    }
}
