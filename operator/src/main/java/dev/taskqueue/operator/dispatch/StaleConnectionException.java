package dev.taskqueue.operator.dispatch;

import java.io.IOException;

/** A pooled connection turned out to be dead before a byte of the request was written to it: taking another one re-sends nothing. */
final class StaleConnectionException extends IOException {
    private static final long serialVersionUID = 1;

    StaleConnectionException() {
        super("The pooled connection is dead");
    }
}
