package dev.taskqueue.operator.api;

/** The values of {@code TaskQueue.spec.state}. */
public enum RunState {
    Running,
    Paused
}
