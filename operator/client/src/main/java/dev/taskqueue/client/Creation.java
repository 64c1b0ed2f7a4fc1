package dev.taskqueue.client;

import org.jspecify.annotations.Nullable;

/** What came of asking for a Task or a TaskBatch: in both cases there is one, and only one. */
public sealed interface Creation {
    /** The name of the object, for {@code kubectl get tasks.taskqueue.dev NAME} or {@code kubectl get taskbatches NAME}. */
    String name();

    /** The uid of the object; a Task's handler gets it as {@code Idempotency-Key}, that of a batch's item with {@code -INDEX} after it. */
    String uid();

    /** It was created by this call. */
    record Created(String name, String uid) implements Creation {}

    /**
     * There was one with the same key in the same queue: nothing was created, and its contents are the earlier one's. It may come from this very
     * call, where an answer of the API server was lost and Fabric8 asked again.
     *
     * @param state as {@code status.state} says, such as {@code Scheduled} or {@code Succeeded}; null where it has none
     */
    record AlreadyThere(String name, String uid, @Nullable String state) implements Creation {}
}
