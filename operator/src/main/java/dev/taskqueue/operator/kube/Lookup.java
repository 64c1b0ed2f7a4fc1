package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.TaskId;

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

    /** What stands in the way of a Task that could not be looked up. */
    static Obstacle obstacle(TaskId task, String why) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, task.namespace(), ""),
                "The Task cannot be read: " + why);
    }
}
