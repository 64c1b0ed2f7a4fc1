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
    private static final byte[] NONE = {};

    static ApiRequest get(String path) {
        return new ApiRequest("GET", path, JSON, "", NONE);
    }

    ApiRequest with(String otherMethod, String type, String json) {
        return new ApiRequest(otherMethod, path, accept, type, json.getBytes(StandardCharsets.UTF_8));
    }

    ApiRequest accepting(String form) {
        return new ApiRequest(method, path, form, contentType, body);
    }
}
