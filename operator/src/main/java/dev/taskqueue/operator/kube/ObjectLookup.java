package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.task.TaskObject;

/** The result of reading a Task by its name. */
public sealed interface ObjectLookup {
    /**
     * The Task that was asked for, with the same uid.
     *
     * @param json the object that it was read from
     */
    record Found(JsonNode json, TaskObject task) implements ObjectLookup {}

    /** There is no such Task, or the name belongs to another object by now. */
    record Absent() implements ObjectLookup {}

    /** The API server did not return an object. */
    record Failed(ApiReply reply) implements ObjectLookup {}
}
