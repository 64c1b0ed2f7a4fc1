package dev.taskqueue.operator.api;

/** Which compatibility headers a handler gets. */
public enum HeaderFamily {
    CloudTasks,
    AppEngine,
    None
}
