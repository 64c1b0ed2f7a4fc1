package dev.taskqueue.operator.domain;

/**
 * The identity of one delivery: all attempts from the creation of a Task, or from a redrive, to its end.
 *
 * @param round 1 since creation; each redrive begins the next one
 */
public record DeliveryId(DeliveryKey key, int round) {
    /** The Task that is delivered. */
    public TaskId task() {
        return switch (key) {
            case TaskId task -> task;
        };
    }

    @Override
    public String toString() {
        return round == 1 ? key.toString() : key + " (round " + round + ")";
    }
}
