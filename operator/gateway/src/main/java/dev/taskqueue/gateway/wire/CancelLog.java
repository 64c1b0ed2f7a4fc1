package dev.taskqueue.gateway.wire;

import dev.taskqueue.gateway.ops.GatewayMeters;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Counts what the gRPC servlet logs when a client does not wait for its answer. It logs a stack trace for each, which would fill the log in a storm
 * of cancels.
 */
final class CancelLog extends Handler {
    /** A strong reference: the logging of the JDK forgets loggers that nobody holds. */
    private static final Logger SERVLET = Logger.getLogger("io.grpc.servlet.jakarta");

    private final GatewayMeters meters;

    private CancelLog(GatewayMeters meters) {
        this.meters = meters;
    }

    /** Takes the place of all other handlers of the servlet's loggers. */
    static void install(GatewayMeters meters) {
        SERVLET.setUseParentHandlers(false);
        for (Handler handler : SERVLET.getHandlers()) {
            SERVLET.removeHandler(handler);
        }
        SERVLET.addHandler(new CancelLog(meters));
    }

    @Override
    public void publish(LogRecord event) {
        if (event.getThrown() != null) {
            meters.clientCancel();
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
