package dev.taskqueue.operator.domain;

/**
 * One delivery of a Task: all attempts from its creation, or from a redrive, to its end.
 *
 * @param round 1 since creation; each redrive begins the next one
 */
public record DeliveryId(TaskId task, int round) {
    @Override
    public String toString() {
        return round == 1 ? task.toString() : task + " (round " + round + ")";
    }
}
