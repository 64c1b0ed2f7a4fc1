package dev.taskqueue.operator.api;

/** The annotations the operator reads and writes; see each for the kind it belongs to. */
public final class Annotations {
    /** On a Task: any value not seen before has it dispatched at once, past limits, schedule and pause. */
    public static final String RUN_NOW = "taskqueue.dev/run-now";

    /** On a Failed Task: any value not seen before starts it again. On a TaskQueue: the same for all its Failed Tasks. */
    public static final String REDRIVE = "taskqueue.dev/redrive";

    /** On a Task: the producer's own name for it, sent in the TaskName headers; {@code [A-Za-z0-9_-]{1,500}}. */
    public static final String KEY = "taskqueue.dev/key";

    /** On a TaskQueue: why it is paused, whatever its spec says. */
    public static final String HOLD = "taskqueue.dev/hold";

    /** On a TaskQueue with {@link #HOLD}: until when, RFC 3339. What cannot be read keeps holding. */
    public static final String HOLD_UNTIL = "taskqueue.dev/hold-until";

    /** On a Task, written by the operator: JSON {@code {specHash, state, time}}, so that a restored Task is recognised. */
    public static final String COMPLETED = "taskqueue.dev/completed";

    private Annotations() {}
}
