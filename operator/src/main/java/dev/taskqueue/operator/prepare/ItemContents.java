package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Obstacle;

/** Port: the contents of the items of TaskBatches. */
public interface ItemContents {

    /** Finds the content of an item. It may block while the TaskBatch is read. */
    Lookup find(ItemId item);

    /** The result of looking for an item. */
    sealed interface Lookup {
        record Found(ItemContent content) implements Lookup {}

        /** The TaskBatch does not exist any more, or has no such item. */
        record Gone() implements Lookup {}

        /** The TaskBatch cannot be read until something changes. */
        record Unreadable(Obstacle obstacle) implements Lookup {}
    }
}
