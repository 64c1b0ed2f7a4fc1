package dev.taskqueue.gateway.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import dev.taskqueue.gateway.mapping.MappingRules;
import java.util.List;
import java.util.function.Consumer;

/** Unnamed tasks for the queue {@code imports}, which become items of TaskBatches. */
public final class GroupedTasks {
    /** The mapping of {@link TestGateway} with this queue. */
    public static final String MAPPING = TestGateway.MAPPING + "taskBatches: [{namespace: shop, queue: imports}]\n";

    public static final MappingRules RULES = TestGateway.rules(MAPPING);
    public static final String QUEUE = TestGateway.PARENT + "/queues/imports";
    public static final String URL = "http://import-worker.shop.svc:8080/rows";

    private GroupedTasks() {}

    /** A call with this body. */
    public static CreateTaskRequest request(String body) {
        return request(body, http -> {}, task -> {});
    }

    /** The same with changes. */
    public static CreateTaskRequest request(
            String body, Consumer<HttpRequest.Builder> changeHttp, Consumer<Task.Builder> changeTask) {
        var http = HttpRequest.newBuilder()
                .setUrl(URL)
                .putHeaders("Content-Type", "text/plain")
                .setBody(ByteString.copyFromUtf8(body));
        changeHttp.accept(http);
        var task = Task.newBuilder().setHttpRequest(http);
        changeTask.accept(task);
        return CreateTaskRequest.newBuilder().setParent(QUEUE).setTask(task).build();
    }

    /** The batches of the cluster. */
    public static List<ObjectNode> batches(MemoryCluster cluster) {
        return cluster.all("shop", "taskbatches");
    }

    /** The lines of a batch. */
    public static List<String> lines(ObjectNode batch) {
        return batch.path("spec").path("lines").asText().lines().toList();
    }
}
