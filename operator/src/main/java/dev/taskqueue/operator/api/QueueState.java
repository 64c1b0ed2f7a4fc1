package dev.taskqueue.operator.api;

/** The values of {@code TaskQueue.status.state}. */
public enum QueueState {
    Running,
    Paused,
    Held,
    Invalid
}
