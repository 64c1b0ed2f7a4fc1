package dev.taskqueue.operator.domain;

/** The result of sending a request. */
public sealed interface Departure {
    /** It has left, or a connection to its worker was tried. That was an attempt. */
    record Left(Outcome outcome) implements Departure {}

    /**
     * The operator itself held it back. Nothing has left, so it was not an attempt.
     *
     * @param why one sentence
     */
    record HeldBack(String why) implements Departure {}
}
