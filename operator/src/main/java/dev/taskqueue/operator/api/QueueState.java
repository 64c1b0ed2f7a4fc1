package dev.taskqueue.operator.api;

/** What {@code TaskQueue.status.state} may tell. */
public enum QueueState {
    Running,
    Paused,
    Held,
    Invalid
}
