package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.BatchId;
import java.io.IOException;
import java.util.function.Consumer;

/** Makes the requests about TaskBatches. Nothing here tries again. */
public final class BatchRequests {

    private final ApiClient api;

    public BatchRequests(ApiClient api) {
        this.api = api;
    }

    /** Reads the object that has the name of this batch, past every cache. */
    public ApiReply get(BatchId batch) throws IOException {
        return api.read(batch.namespace(), path(batch));
    }

    /** Patches status: RFC 6902. */
    public ApiReply patchStatus(BatchId batch, String patch) throws IOException {
        return api.write("PATCH", path(batch) + "/status", ApiRequest.JSON_PATCH, patch);
    }

    /** Patches metadata: RFC 7386. */
    public ApiReply patch(BatchId batch, String patch) throws IOException {
        return api.write("PATCH", path(batch), ApiRequest.MERGE_PATCH, patch);
    }

    public ApiReply create(String namespace, String batch) throws IOException {
        return api.write("POST", ApiClient.collection(namespace, ResourceKind.TASK_BATCHES), ApiRequest.JSON, batch);
    }

    public ApiReply delete(BatchId batch, String options) throws IOException {
        return api.delete(path(batch), options);
    }

    /** A batch was written; the watch is to show it. */
    public void acknowledged(String namespace, JsonNode answer) {
        api.acknowledged(ResourceKind.TASK_BATCHES, namespace, answer);
    }

    /** Lists batches one by one, as {@link ApiClient#list} does. */
    public ApiClient.Listing list(String namespace, Consumer<JsonNode> each) throws IOException {
        return api.list(ResourceKind.TASK_BATCHES, namespace, "", each);
    }

    private static String path(BatchId batch) {
        return ApiClient.collection(batch.namespace(), ResourceKind.TASK_BATCHES) + "/" + batch.name();
    }
}
