package dev.taskqueue.gateway.wire;

import dev.taskqueue.gateway.ops.GatewayMeters;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Counts what gRPC logs when a client does not wait for its answer. Its servlet, its calls, its executor and its contexts log a stack trace for each, which
 * would fill the log in a storm of cancels. Everything else that they log stays.
 */
final class CancelLog extends Handler {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(CancelLog.class);

    /** Strong references: the logging of the JDK forgets loggers that nobody holds. */
    private static final List<Logger> LOGGERS = Stream.of(
                    "io.grpc.servlet.jakarta",
                    "io.grpc.internal.ServerCallImpl",
                    "io.grpc.internal.SerializingExecutor",
                    "io.grpc.Context")
            .map(Logger::getLogger)
            .toList();

    private final GatewayMeters meters;

    private CancelLog(GatewayMeters meters) {
        this.meters = meters;
    }

    /** Takes the place of all other handlers of these loggers. */
    static void install(GatewayMeters meters) {
        var handler = new CancelLog(meters);
        LOGGERS.forEach(logger -> replace(logger, handler));
    }

    private static void replace(Logger logger, Handler handler) {
        logger.setUseParentHandlers(false);
        for (Handler before : logger.getHandlers()) {
            logger.removeHandler(before);
        }
        logger.addHandler(handler);
    }

    @Override
    public void publish(LogRecord event) {
        Throwable thrown = event.getThrown();
        if (thrown == null) {
            return;
        }
        if (isOfStream(thrown)) {
            meters.clientCancel();
        } else {
            LOG.error("gRPC failed", thrown);
        }
    }

    /**
     * Whether the answer met a request that was gone: found so by the servlet, by Jetty below it, or by gRPC's framer, which is closed while it writes. What was
     * thrown may be the cause of what is logged.
     */
    private static boolean isOfStream(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .flatMap(each -> Arrays.stream(each.getStackTrace()))
                .map(StackTraceElement::getClassName)
                .anyMatch(name ->
                        name.startsWith("io.grpc.servlet.jakarta.") || name.equals("io.grpc.internal.MessageFramer"));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
