package dev.taskqueue.operator.domain;

/**
 * The identity of one delivery: all attempts from the creation of a Task or an item, or from a redrive, to its end.
 *
 * @param round 1 since creation; each redrive begins the next one
 */
public record DeliveryId(DeliveryKey key, int round) {
    /** The Task that is delivered. Only those ask who know that it is one. */
    public TaskId task() {
        return switch (key) {
            case TaskId task -> task;
            case ItemId item -> throw new IllegalStateException(item + " is no Task");
        };
    }

    /** The item of a TaskBatch that is delivered. Only those ask who know that it is one. */
    public ItemId item() {
        return switch (key) {
            case ItemId item -> item;
            case TaskId task -> throw new IllegalStateException(task + " is no item of a TaskBatch");
        };
    }

    @Override
    public String toString() {
        return round == 1 ? key.toString() : key + " (round " + round + ")";
    }
}
