package dev.taskqueue.operator.kube;

import java.io.IOException;

/** Says that the API server refused a list or a watch. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    public final int code;

    public RefusedException(int code, String what) {
        super("the API server answered " + code + " to " + what);
        this.code = code;
    }
}
