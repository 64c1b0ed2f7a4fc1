package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** A group of rules. Each method is called before the model takes the fact in, so a rule sees what was known before. */
interface Rules {
    /**
     * The status of a Task was stored.
     *
     * @param by the process that wrote it; null for people
     */
    record Change(
            TaskModel task,
            TaskStatus before,
            TaskStatus after,
            @Nullable ProcessModel by,
            long at,
            JsonNode object) {
        boolean outcome() {
            return after.dispatches() > before.dispatches();
        }

        boolean ends() {
            return after.ended() && !before.ended();
        }
    }

    default void received(TaskModel task, Request request) {}

    default void answered(Request request) {}

    /** Null as writer stands for people here and below. */
    default void created(TaskModel task, @Nullable ProcessModel by) {}

    default void changed(Change change) {}

    default void deleted(TaskModel task, @Nullable ProcessModel by) {}

    /** Nothing more will be observed about a Task: its object is gone, or the run is over. */
    default void judged(TaskModel task) {}

    /** After the model took it in. */
    default void queueStored(QueueModel queue, @Nullable ProcessModel by) {}

    default void queueDeleted(QueueModel queue) {}

    /** The process ended or lost the Lease: what it has in flight is not its own any more. */
    default void lost(ProcessModel process) {}

    default void holds(ProcessModel process, Fact.Holds fact) {}

    /** The run is over; the Tasks have not been judged yet. */
    default void end() {}
}
