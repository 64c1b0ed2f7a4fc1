package dev.taskqueue.gateway.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.gateway.ops.GatewayMeters;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CancelLogTest {
    private final GatewayMeters meters = new GatewayMeters("1");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.grpc.servlet.jakarta.ServletServerStream",
                "io.grpc.internal.ServerCallImpl",
                "io.grpc.internal.SerializingExecutor",
                "io.grpc.Context"
            })
    void anAnswerThatTheServletCannotWriteIsCountedAndNotLogged(String logger) throws IOException {
        assertThat(thrownAt(logger, servletFailure())).isEmpty();
        assertThat(metrics()).contains("taskqueue_gateway_client_cancels_total 1.0");
    }

    @Test
    void itMayBeTheCauseOfWhatIsLogged() throws IOException {
        var framing = Status.INTERNAL
                .withDescription("Failed to frame message")
                .withCause(servletFailure())
                .asRuntimeException();

        assertThat(thrownAt("io.grpc.internal.ServerCallImpl", framing)).isEmpty();
        assertThat(metrics()).contains("taskqueue_gateway_client_cancels_total 1.0");
    }

    @Test
    void theFramerMayBeClosedWhileItWrites() throws IOException {
        var closed = new IllegalStateException("knownLengthPendingAllocation reached 0");
        closed.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("com.google.common.base.Preconditions", "checkState", null, 1),
            new StackTraceElement("io.grpc.internal.MessageFramer", "writeRaw", null, 1)
        });

        assertThat(thrownAt("io.grpc.internal.ServerCallImpl", closed)).isEmpty();
        assertThat(metrics()).contains("taskqueue_gateway_client_cancels_total 1.0");
    }

    @Test
    void anotherFailureIsNoCancel() throws IOException {
        thrownAt("io.grpc.internal.ServerCallImpl", new IllegalStateException("a fault of ours"));

        assertThat(metrics()).contains("taskqueue_gateway_client_cancels_total 0.0");
    }

    private String metrics() throws IOException {
        var text = new ByteArrayOutputStream();
        meters.write(text);
        return text.toString(UTF_8);
    }

    private static RuntimeException servletFailure() {
        var failure = new IllegalStateException("no request");
        failure.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("org.eclipse.jetty.ee10.servlet.ServletApiResponse", "getOutputStream", null, 1),
            new StackTraceElement("io.grpc.servlet.jakarta.ServletServerStream$Sink", "writeFrame", null, 1)
        });
        return failure;
    }

    /** What reaches the console through the handlers of {@code io.grpc}. */
    private List<Throwable> thrownAt(String logger, Throwable thrown) {
        var shown = new CopyOnWriteArrayList<Throwable>();
        var console = new Handler() {
            @Override
            public void publish(LogRecord event) {
                shown.add(event.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        var grpc = Logger.getLogger("io.grpc");
        grpc.addHandler(console);
        try {
            CancelLog.install(meters);
            Logger.getLogger(logger).log(Level.WARNING, "Cancelling the stream because of internal error", thrown);
        } finally {
            grpc.removeHandler(console);
        }
        return shown;
    }
}
