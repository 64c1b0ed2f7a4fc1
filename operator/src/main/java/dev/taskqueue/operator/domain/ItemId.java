package dev.taskqueue.operator.domain;

/**
 * The identity of one item of a TaskBatch.
 *
 * @param index the place of the item in the batch, from 0
 */
public record ItemId(BatchId batch, int index) implements DeliveryKey {
    @Override
    public String namespace() {
        return batch.namespace();
    }

    @Override
    public String idempotencyKey() {
        return batch.uid() + "-" + index;
    }

    @Override
    public String toString() {
        return batch + "[" + index + "]";
    }
}
