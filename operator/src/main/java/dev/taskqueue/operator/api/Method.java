package dev.taskqueue.operator.api;

/** The HTTP methods that a Task may use. */
public enum Method {
    POST,
    GET,
    HEAD,
    PUT,
    DELETE,
    PATCH,
    OPTIONS
}
