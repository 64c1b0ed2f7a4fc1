package dev.taskqueue.operator.domain;

/** Port: takes what people should know. It returns at once, never fails, and may drop anything. */
public interface Occurrences {
    /** Drops everything. */
    Occurrences DROPPED = occurrence -> {};

    void report(Occurrence occurrence);

    /** The object of a queue has this uid now. */
    default void queueIs(QueueId queue, String uid) {}

    /** The queue does not exist any more. */
    default void queueIsGone(QueueId queue) {}
}
