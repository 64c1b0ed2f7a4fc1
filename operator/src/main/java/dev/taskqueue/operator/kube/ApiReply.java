package dev.taskqueue.operator.kube;

import java.time.Duration;

/**
 * An answer of the API server.
 *
 * @param retryAfter the value of the header {@code Retry-After}; zero if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record ApiReply(int code, byte[] body, Duration retryAfter) {
    public boolean isSuccess() {
        return isSuccess(code);
    }

    static boolean isSuccess(int code) {
        return code / 100 == 2;
    }

    /** Says for people why something waits. */
    public String refusal() {
        return "the API server answered " + code;
    }
}
