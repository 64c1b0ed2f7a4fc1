package dev.taskqueue.operator.dispatch;

import java.util.Map;

/**
 * The place of a delivery in its TaskBatch, for the headers that its handler gets.
 *
 * @param batch the name of the TaskBatch
 * @param index from 0
 * @param size how many items the batch has
 */
public record BatchPlace(String batch, int index, int size) {

    /** Adds the headers with the place. A user's own headers cannot have these names. */
    public void addTo(Map<String, String> headers) {
        headers.put("TaskQueue-Batch", batch);
        headers.put("TaskQueue-Batch-Index", String.valueOf(index));
        headers.put("TaskQueue-Batch-Size", String.valueOf(size));
    }
}
