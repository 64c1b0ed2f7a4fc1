package dev.taskqueue.operator.api;

/** Whether overload answers slow a whole queue down. */
public enum Throttling {
    Adaptive,
    Disabled
}
