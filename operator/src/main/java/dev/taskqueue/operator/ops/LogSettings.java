package dev.taskqueue.operator.ops;

/**
 * How the operator writes its log.
 *
 * @param attempts which attempts have a line
 */
public record LogSettings(Format format, Level level, Attempts attempts) {
    /** The form of a line. */
    public enum Format {
        Text,
        Json
    }

    /** The least important lines of the operator that are written. */
    public enum Level {
        Error,
        Warn,
        Info,
        Debug
    }

    /** Which attempts have a line of their own. */
    public enum Attempts {
        Off,
        Failures,
        All
    }
}
