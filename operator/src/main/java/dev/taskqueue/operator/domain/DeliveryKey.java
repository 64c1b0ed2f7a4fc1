package dev.taskqueue.operator.domain;

/**
 * Names what is delivered. The engine compares keys and prints them; it knows nothing else of what they name. So one object of the API server
 * may hold one delivery, as a Task does, or many, as a TaskBatch does.
 */
public sealed interface DeliveryKey permits TaskId, ItemId {
    String namespace();

    /** The value of the header {@code Idempotency-Key}: the same for all attempts and rounds, and no other delivery has it. */
    String idempotencyKey();
}
