package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.QueueId;

/**
 * The object whose spec a request comes from, for messages.
 *
 * @param queue its queue, which may add to the request
 * @param name as people call it
 */
record RequestOwner(QueueId queue, String name) {
    static RequestOwner task(QueueId queue) {
        return new RequestOwner(queue, "Task");
    }

    /** The requests of items come from the template of their batch. */
    static RequestOwner batch(QueueId queue) {
        return new RequestOwner(queue, "batch");
    }
}
