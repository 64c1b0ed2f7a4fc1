package dev.taskqueue.operator.domain;

/** What became of a request that was to leave. */
public sealed interface Departure {
    /** It has left, or a connection to its worker was tried: that was an attempt. */
    record Left(Outcome outcome) implements Departure {}

    /**
     * The operator itself held it back; nothing has left, so it was no attempt.
     *
     * @param why one sentence
     */
    record HeldBack(String why) implements Departure {}
}
