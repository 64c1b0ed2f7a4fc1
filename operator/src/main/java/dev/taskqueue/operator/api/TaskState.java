package dev.taskqueue.operator.api;

/** The states of a Task. */
public enum TaskState {
    Pending,
    Scheduled,
    Queued,
    Dispatching,
    BackingOff,
    Succeeded,
    Failed
}
