package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.util.Optional;

/**
 * What the reconciler asks of the rest of the operator.
 *
 * @param maxDispatchDeadline the operator's own limit
 * @param occurrences told what people should know of a queue
 */
public record QueuePorts(
        QueueTasks tasks,
        TargetCheck targets,
        QueueStatusStore statuses,
        Duration maxDispatchDeadline,
        Occurrences occurrences) {
    /** Port: checks the Service that a queue names. It answers at once and without I/O. */
    public interface TargetCheck {
        /** One sentence on a Service or port that does not exist or must not be called; empty if there is none. */
        Optional<String> problem(QueueId queue, HttpTarget target);
    }
}
