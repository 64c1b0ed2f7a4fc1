package dev.taskqueue.operator.api;

/** The protocol of the request. */
public enum Scheme {
    HTTP,
    HTTPS
}
