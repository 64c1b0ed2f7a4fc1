package dev.taskqueue.operator.api;

/** Which of the two retry limits ends a Task. */
public enum GiveUp {
    WhenBoth,
    WhenEither
}
