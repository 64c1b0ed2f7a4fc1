package dev.taskqueue.operator.dispatch;

import java.io.IOException;

/**
 * A pooled connection was found dead before a byte of the request was written to it. Another connection may be used, because that repeats nothing.
 */
final class StaleConnectionException extends IOException {
    private static final long serialVersionUID = 1;

    StaleConnectionException() {
        super("The pooled connection is dead");
    }
}
