package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.QueueId;
import org.jspecify.annotations.Nullable;

/**
 * The content of one item of a TaskBatch, as its spec says it.
 *
 * @param index the place of the item in the batch, from 0
 * @param size how many items the batch has
 * @param shownName the key of the item; without one, the batch's name and the index
 * @param request the batch's template with what the item says in its place. The parts that the item leaves alone are the template's own objects, not
 *     copies: items that share all but the path are prepared faster
 * @param body replaces each body of {@code request}; null = the template's. Neither copied nor changed
 * @param jsonBody whether {@code body} was written as a JSON value, so that it gets a Content-Type if nobody sets one
 * @param dispatchDeadline the deadline of the template; null = that of the queue
 * @param deadLetterOf the origin of the item, if the batch holds dead letters
 */
public record ItemContent(
        BatchId batch,
        QueueId queue,
        int index,
        int size,
        String shownName,
        HttpRequest request,
        @SuppressWarnings("ArrayRecordComponent") byte @Nullable [] body, // shared, and never compared
        boolean jsonBody,
        @Nullable String dispatchDeadline,
        @Nullable DeadLetterOf deadLetterOf) {

    /** Without the request and the body: both may be private, and what is printed ends in logs. */
    @Override
    public String toString() {
        return "ItemContent[" + batch + "[" + index + "]]";
    }
}
