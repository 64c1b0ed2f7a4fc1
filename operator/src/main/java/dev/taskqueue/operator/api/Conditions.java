package dev.taskqueue.operator.api;

/** Every condition type and every condition reason of all kinds. The names are the API's own. */
public final class Conditions {
    private Conditions() {}

    /** The types; a condition list has each at most once. */
    public enum Type {
        /** Task and TaskBatch: its spec and what it refers to are in order. */
        Accepted,
        /** Task and TaskBatch: it has ended, in whatever way. */
        Finished,
        /** Task and TaskBatch: it was delivered (True), will not be (False), or nobody knows yet. */
        Succeeded,
        /** All kinds, read by Flux and Helm: only a person can help. */
        Stalled,
        /** All kinds, read by Flux and Helm: work is going on that will end soon. */
        Reconciling,
        /** TaskQueue: its settings are in force. */
        Ready,
        /** TaskQueue: nothing is dispatched. */
        Paused,
        /** TaskQueue: overload answers have slowed it down. */
        Throttled,
        /** TaskQueue: Tasks wait for something that somebody must mend. */
        Blocked
    }

    /** The reasons. Where a Task waits or stands in line, its state's name is the reason of {@link Type#Succeeded}. */
    public enum Reason {
        Accepted,
        InvalidSpec,
        QueueNotFound,
        TargetNotFound,
        TargetRefused,
        SourceNotFound,
        TokenNotPermitted,
        LimitExceeded,

        Delivered,
        AlreadyCompleted,
        RetriesExhausted,
        NonRetryable,
        Expired,
        /** TaskBatch: every item has ended, and some have failed. */
        ItemsFailed,
        /** TaskBatch: more items have failed than its {@code maxFailed} allows. */
        TooManyFailed,
        /** TaskBatch: somebody stopped it by {@link Annotations#CANCEL}. */
        Cancelled,

        Pending,
        Scheduled,
        Queued,
        Dispatching,
        BackingOff,
        NoReadyEndpoint,
        /** Task, TaskBatch: it is due, and its queue is paused by {@code spec.state}. */
        QueuePaused,
        /** Task, TaskBatch: it is due, and its queue is paused because of {@link Annotations#HOLD}. */
        QueueHeld,

        /** TaskQueue, Ready=True. */
        Ready,
        DeadLetterChain,

        /** TaskQueue, Paused=True because the spec says so. */
        SpecPaused,
        /** TaskQueue, Paused=True because of {@link Annotations#HOLD}; TaskBatch, for the same reason. */
        Held,
        /** TaskQueue, Paused=False. */
        Running,

        /** TaskQueue, Throttled=True: more of the last answers were 429, 503 or other 5xx than a healthy target gives. */
        Overloaded,
        /** TaskQueue, Throttled=False. */
        FullRate,

        /** TaskQueue, Blocked=True: the API server refuses to have outcomes of Tasks written. Tasks wait for other reasons of this list, too. */
        WriteRefused,
        /** TaskQueue, Blocked=True: the API server does not answer, or answers with an error of its own. */
        ApiServerUnavailable,
        /** TaskQueue, Blocked=False. */
        NotBlocked
    }
}
