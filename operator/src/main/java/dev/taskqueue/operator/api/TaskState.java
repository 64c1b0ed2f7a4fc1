package dev.taskqueue.operator.api;

/** Where a Task stands. */
public enum TaskState {
    Pending,
    Scheduled,
    Queued,
    Dispatching,
    BackingOff,
    Succeeded,
    Failed
}
