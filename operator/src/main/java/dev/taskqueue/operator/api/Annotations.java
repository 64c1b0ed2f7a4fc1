package dev.taskqueue.operator.api;

/** The annotations the operator reads and writes; see each for the kind it belongs to. */
public final class Annotations {
    /**
     * On a Task: any value not seen before has it dispatched at once, past limits, schedule and pause. On a TaskBatch: the same for the indexes at
     * the beginning of the value; without indexes every waiting item is due now, within limits and pause.
     */
    public static final String RUN_NOW = "taskqueue.dev/run-now";

    /**
     * On a Failed Task: any value not seen before starts it again. On a TaskBatch: the same for its failed and skipped items. On a TaskQueue: the
     * same for all its Failed Tasks and TaskBatches.
     */
    public static final String REDRIVE = "taskqueue.dev/redrive";

    /** On a Task: the producer's own name for it, sent in the TaskName headers; {@code [A-Za-z0-9_-]{1,500}}. */
    public static final String KEY = "taskqueue.dev/key";

    /** On a TaskQueue: why it is paused, whatever its spec says. On a TaskBatch: why its items stay while its queue goes on. */
    public static final String HOLD = "taskqueue.dev/hold";

    /** On a TaskQueue with {@link #HOLD}: until when, RFC 3339. What cannot be read keeps holding. */
    public static final String HOLD_UNTIL = "taskqueue.dev/hold-until";

    /** On a TaskBatch: why nothing further leaves. What is in flight ends, the rest is skipped. */
    public static final String CANCEL = "taskqueue.dev/cancel";

    /** On a Task or a TaskBatch, written by the operator: JSON {@code {specHash, state, time}}, so that a restored one is recognised. */
    public static final String COMPLETED = "taskqueue.dev/completed";

    /**
     * On what the operator creates for a TaskBatch, its dead letters and the Task of {@code onFinished}: the UID of the batch. The names of both are known
     * beforehand, so this tells an own object from somebody else's.
     */
    public static final String BATCH_UID = "taskqueue.dev/batch-uid";

    private Annotations() {}
}
