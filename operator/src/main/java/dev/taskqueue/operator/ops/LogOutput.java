package dev.taskqueue.operator.ops;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import org.slf4j.LoggerFactory;

/** Applies {@link LogSettings} to Logback, which {@code logback.xml} has set up for text on standard output. */
public final class LogOutput {
    private static final String OURS = "dev.taskqueue";
    private static final String APPENDER = "console";

    private LogOutput() {}

    /**
     * Applies the settings to all loggers of this process. It may be called again while the operator runs. Libraries never log below {@code warn}. Lines
     * about attempts depend on their own setting alone.
     */
    public static void apply(LogSettings settings) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Level level = Level.toLevel(settings.level().name());
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
        context.getLogger(OURS).setLevel(level);
        context.getLogger(AttemptLog.LOGGER)
                .setLevel(
                        switch (settings.attempts()) {
                            case Off -> Level.OFF;
                            case Failures -> Level.WARN;
                            case All -> Level.INFO;
                        });
        if (settings.format() == LogSettings.Format.Json
                && root.getAppender(APPENDER) instanceof OutputStreamAppender<ILoggingEvent> appender) {
            var encoder = new JsonLogEncoder();
            encoder.setContext(context);
            encoder.start();
            appender.setEncoder(encoder);
        }
    }
}
