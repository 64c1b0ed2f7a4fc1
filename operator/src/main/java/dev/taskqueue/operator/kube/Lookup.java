package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import java.io.IOException;
import java.util.function.Function;

/** What the API server has under a Task's name. */
sealed interface Lookup {
    /**
     * The very Task that was asked for.
     *
     * @param json what it was read from
     */
    record Found(JsonNode json, TaskObject task) implements Lookup {}

    /** Nothing, or another object by now. */
    record Gone() implements Lookup {}

    /** The API server did not hand it out. */
    record Refused(ApiServer.Reply reply) implements Lookup {}

    /** One request, or two. */
    interface Reading {
        Lookup of(TaskId task) throws IOException;
    }

    /** What comes of preparing a Task that has to be looked up first: it is blocked where the API server does not hand it out. */
    static Preparation prepare(TaskId task, Reading reading, Function<Found, Preparation> found) {
        try {
            return switch (reading.of(task)) {
                case Found there -> found.apply(there);
                case Gone _ -> new Preparation.Gone();
                case Refused refused -> blocked(task, refused.reply().refusal());
            };
        } catch (IOException failure) {
            return blocked(task, failure.toString());
        }
    }

    private static Preparation blocked(TaskId task, String why) {
        return new Preparation.Blocked(obstacle(task, "The Task cannot be read: " + why));
    }

    /** The API server does not hand out a Task. */
    static Obstacle obstacle(TaskId task, String message) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, task.namespace(), ""),
                message);
    }
}
