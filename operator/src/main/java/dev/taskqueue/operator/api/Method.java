package dev.taskqueue.operator.api;

/** The methods a Task may use. */
public enum Method {
    POST,
    GET,
    HEAD,
    PUT,
    DELETE,
    PATCH,
    OPTIONS
}
