package dev.taskqueue.operator.simulation.apiserver;

/** The answer to a request for a watch. */
public sealed interface WatchAnswer {
    record Opened(ServerWatch watch) implements WatchAnswer {}

    record Refused(ApiAnswer answer) implements WatchAnswer {}
}
