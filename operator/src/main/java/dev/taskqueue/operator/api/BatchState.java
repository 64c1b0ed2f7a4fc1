package dev.taskqueue.operator.api;

/** The states of a TaskBatch. */
public enum BatchState {
    Pending,
    Scheduled,
    Running,
    /** Every item has ended; a dead letter or the Task of {@code onFinished} is still to be created. */
    Finishing,
    Succeeded,
    Failed
}
