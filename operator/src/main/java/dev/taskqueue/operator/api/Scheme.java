package dev.taskqueue.operator.api;

/** How the target is spoken to. */
public enum Scheme {
    HTTP,
    HTTPS
}
