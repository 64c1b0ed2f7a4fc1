package dev.taskqueue.operator.api;

/** What {@code TaskQueue.spec.state} may ask for. */
public enum RunState {
    Running,
    Paused
}
