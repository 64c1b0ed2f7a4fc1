package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.kube.ObjectLookup;
import java.io.IOException;
import java.util.function.Function;

/** The obstacle of a Task that the API server does not hand out. */
final class UnreadableTask {
    private UnreadableTask() {}

    /** One request, or two. */
    interface Reading {
        ObjectLookup of(TaskId task) throws IOException;
    }

    /** Reads a Task and prepares it. Where the API server does not hand it out, the result is that obstacle. */
    static Preparation prepare(TaskId task, Reading reading, Function<ObjectLookup.Found, Preparation> found) {
        try {
            return switch (reading.of(task)) {
                case ObjectLookup.Found there -> found.apply(there);
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
