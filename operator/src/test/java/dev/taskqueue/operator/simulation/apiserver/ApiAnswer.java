package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** The answer of the API server to a request. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ApiAnswer(int code, Map<String, String> headers, byte[] body) {

    /** A refusal as Kubernetes words it, for example by an admission policy or by an overloaded server. */
    public static ApiAnswer refusal(int code, String reason, String message) {
        ObjectNode status = StatusObject.failure(code, reason, message);
        return new ApiAnswer(code, Map.of("Content-Type", "application/json"), Json.bytes(status));
    }

    public boolean isSuccess() {
        return code < 300;
    }
}
