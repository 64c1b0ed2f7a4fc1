package dev.taskqueue.operator.events;

import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Occurrence;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Listener;

/** Reports each Task that has failed for good. */
public final class TaskEvents implements Listener {
    private final Occurrences occurrences;

    public TaskEvents(Occurrences occurrences) {
        this.occurrences = occurrences;
    }

    @Override
    public void finished(DeliveryKey delivery, QueueId queue, Ending ending) {
        // A batch tells the failures of its items at its end.
        if (delivery instanceof TaskId task && !ending.isSuccess()) {
            occurrences.report(new Occurrence(
                    new Occurrence.Subject(Occurrence.Kind.Task, task.namespace(), task.name(), task.uid()),
                    queue,
                    true,
                    ending.reason().name(),
                    "Deliver",
                    ending.message()));
        }
    }
}
