package dev.taskqueue.operator.api;

/** Which answers of handlers are kept in the status of their Tasks. */
public enum RecordResponse {
    None,
    Failures
}
