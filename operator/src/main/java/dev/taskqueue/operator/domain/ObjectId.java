package dev.taskqueue.operator.domain;

/** The identity of one object of ours that is written to. */
public sealed interface ObjectId permits TaskId, BatchId {
    String namespace();

    String name();

    String uid();
}
