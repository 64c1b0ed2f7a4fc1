package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.task.TaskObject;

/** What the API server has under a Task's name. */
public sealed interface ObjectLookup {
    /**
     * The very Task that was asked for.
     *
     * @param json what it was read from
     */
    record Found(JsonNode json, TaskObject task) implements ObjectLookup {}

    /** Nothing, or another object by now. */
    record Absent() implements ObjectLookup {}

    /** The API server did not hand it out. */
    record Failed(ApiReply reply) implements ObjectLookup {}
}
