package dev.taskqueue.operator.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** The lines that some classes write into the log until this is closed. */
public final class TestingLog implements AutoCloseable {
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final List<Logger> loggers;

    private TestingLog(List<Logger> loggers) {
        this.loggers = loggers;
        lines.start();
        loggers.forEach(logger -> logger.addAppender(lines));
    }

    public static TestingLog of(Class<?>... classes) {
        return new TestingLog(List.of(classes).stream()
                .map(type -> (Logger) LoggerFactory.getLogger(type))
                .toList());
    }

    public String text() {
        return List.copyOf(lines.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        loggers.forEach(logger -> logger.detachAppender(lines));
    }
}
