package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.task.TaskJson;

/**
 * The JSON patch (RFC 6902) that commits a status. It is refused, with code 422, if the object is another one or if another commit came in between.
 */
public final class BatchPatch {
    private BatchPatch() {}

    /**
     * Makes the patch.
     *
     * @param revision that of the status which it replaces
     */
    public static String of(BatchId batch, long revision, ObjectNode status) {
        ArrayNode patch = TaskJson.MAPPER.createArrayNode();
        patch.addObject().put("op", "test").put("path", "/metadata/uid").put("value", batch.uid());
        patch.addObject().put("op", "test").put("path", "/status/revision").put("value", revision);
        patch.addObject().put("op", "add").put("path", "/status").set("value", status);
        return patch.toString();
    }
}
