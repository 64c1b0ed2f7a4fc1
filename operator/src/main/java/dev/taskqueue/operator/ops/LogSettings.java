package dev.taskqueue.operator.ops;

/** How the operator writes its log. */
public record LogSettings(Format format, Level level) {
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
}
