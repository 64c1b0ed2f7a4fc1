package dev.taskqueue.gateway.mapping;

import com.google.rpc.Code;
import com.google.rpc.Status;

/** What the last attempt of a Task is as a status of Google's. */
final class AttemptStatus {
    private AttemptStatus() {}

    /**
     * The status of an attempt.
     *
     * @param statusCode of the handler's answer; 0 if there was none
     * @param reason of the attempt in the Task's status
     */
    static Status of(int statusCode, String reason) {
        Code code = code(statusCode, reason);
        String message = code == Code.OK
                ? ""
                : code.name() + "(" + code.getNumber() + "): "
                        + (statusCode == 0 ? reason : "HTTP status code " + statusCode);
        return Status.newBuilder().setCode(code.getNumber()).setMessage(message).build();
    }

    private static Code code(int statusCode, String reason) {
        return switch (statusCode) {
            case 0 -> reason.equals("DeadlineExceeded") ? Code.DEADLINE_EXCEEDED : Code.UNKNOWN;
            case 400 -> Code.INVALID_ARGUMENT;
            case 401 -> Code.UNAUTHENTICATED;
            case 403 -> Code.PERMISSION_DENIED;
            case 404 -> Code.NOT_FOUND;
            case 409 -> Code.ALREADY_EXISTS;
            case 429 -> Code.RESOURCE_EXHAUSTED;
            case 499 -> Code.CANCELLED;
            case 500 -> Code.INTERNAL;
            case 501 -> Code.UNIMPLEMENTED;
            case 503 -> Code.UNAVAILABLE;
            case 504 -> Code.DEADLINE_EXCEEDED;
            default -> statusCode >= 200 && statusCode < 300 ? Code.OK : Code.UNKNOWN;
        };
    }
}
