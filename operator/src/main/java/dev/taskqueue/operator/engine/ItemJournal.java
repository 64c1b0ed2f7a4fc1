package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;

/**
 * Port: gathers the outcomes of items of TaskBatches. Many of them become one write. When it is acknowledged, {@link BatchDeliveries#committed} tells
 * the engine, and retries go on.
 */
public interface ItemJournal {
    /**
     * An attempt of an item has ended, or the item ends without one. Does not block, and is called without any lock of the engine.
     *
     * @param entry the outcome; its history includes the attempt
     */
    void note(BatchFeed batch, DeliveryId item, Journal.Entry entry);
}
