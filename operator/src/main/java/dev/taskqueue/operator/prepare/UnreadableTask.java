package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.kube.ObjectLookup;
import java.io.IOException;
import java.util.function.Function;

/** Reads a Task from the API server, and makes the obstacle of a Task that cannot be read. */
final class UnreadableTask {
    private UnreadableTask() {}

    /** Reads the Task with one or two requests. */
    interface Reading {
        ObjectLookup of(TaskId task) throws IOException;
    }

    /** Reads a Task and prepares it. If the API server does not return the Task, the result is that obstacle. */
    static Preparation prepare(TaskId task, Reading reading, Function<ObjectLookup.Found, Preparation> found) {
        try {
            return switch (reading.of(task)) {
                case ObjectLookup.Found object -> found.apply(object);
                case ObjectLookup.Absent _ -> new Preparation.NoTask();
                case ObjectLookup.Failed refused ->
                    blocked(task, refused.reply().refusal());
            };
        } catch (IOException failure) {
            return blocked(task, failure.toString());
        }
    }

    private static Preparation blocked(TaskId task, String why) {
        return new Preparation.Blocked(obstacle(task, "The Task cannot be read: " + why));
    }

    static Obstacle obstacle(TaskId task, String message) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, task.namespace(), ""),
                message);
    }
}
