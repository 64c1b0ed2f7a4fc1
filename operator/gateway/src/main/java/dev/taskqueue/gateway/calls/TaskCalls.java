package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.DeleteTaskRequest;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.ListTasksRequest;
import com.google.cloud.tasks.v2.ListTasksResponse;
import com.google.cloud.tasks.v2.RunTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.Empty;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterPaths;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.cluster.QueueCache;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.GatewayAnnotations;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.mapping.QueueName;
import dev.taskqueue.gateway.mapping.QueueSnapshot;
import dev.taskqueue.gateway.mapping.TaskMessageWriter;
import dev.taskqueue.gateway.mapping.TaskName;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Reads, lists, deletes and runs Tasks. */
public final class TaskCalls {
    private static final int MOST = 1_000;
    /** A chunk of a FULL page: bodies are large, and a page of them is bounded by its bytes anyway. */
    private static final int FULL_CHUNK = 50;

    private static final Pattern OBJECT = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final String UNFINISHED = ",status.state!=Succeeded,status.state!=Failed";

    private final ClusterClient api;
    private final ItemCalls items;
    private final QueueCache queues;
    private final NamespaceResolver resolver;

    public TaskCalls(ClusterClient api, QueueCache queues, NamespaceResolver resolver) {
        this.api = api;
        this.items = new ItemCalls(api);
        this.queues = queues;
        this.resolver = resolver;
    }

    /** GetTask. */
    public Task get(CallContext call, GetTaskRequest request) {
        TaskName name = TaskName.parseExisting(request.getName(), "name");
        Optional<ItemCalls.Found> item = item(call, name);
        JsonNode task = item.isPresent() ? items.unfinished(item.get()) : unfinished(call, name);
        return TaskMessageWriter.write(task, name.queue(), request.getResponseView());
    }

    /** RunTask. */
    public Task run(CallContext call, RunTaskRequest request) {
        TaskName name = TaskName.parseExisting(request.getName(), "name");
        Optional<ItemCalls.Found> item = item(call, name);
        if (item.isPresent()) {
            return TaskMessageWriter.write(items.run(call, name, item.get()), name.queue(), request.getResponseView());
        }
        JsonNode task = unfinished(call, name);
        ObjectNode patch = ObjectJson.object();
        patch.withObjectProperty("metadata")
                .withObjectProperty("annotations")
                .put(GatewayAnnotations.RUN_NOW, UUID.randomUUID().toString());
        ClusterReply patched = CallAnswers.check(
                api.patch(call, path(name, task), patch), CallAnswers.notFound(CallAnswers.NO_ENTITY));
        return TaskMessageWriter.write(patched.body(), name.queue(), request.getResponseView());
    }

    /** DeleteTask. */
    public Empty delete(CallContext call, DeleteTaskRequest request) {
        TaskName name = TaskName.parseExisting(request.getName(), "name");
        Optional<ItemCalls.Found> item = item(call, name);
        if (item.isPresent()) {
            items.delete(call, name, item.get());
            return Empty.getDefaultInstance();
        }
        JsonNode task = unfinished(call, name);
        ObjectNode options = ObjectJson.object();
        options.putObject("preconditions")
                .put("uid", task.path("metadata").path("uid").asText());
        ClusterClient.Answer answer = api.delete(call, path(name, task), options);
        if (!(answer.repeated() && CallAnswers.isMissingObject(answer.reply()))) {
            CallAnswers.check(answer.reply(), CallAnswers.notFound(CallAnswers.NO_ENTITY));
        }
        return Empty.getDefaultInstance();
    }

    /** The item with this name, unless a Task has the name: an id of that form may be a key, and one of an item that has ended may be given again. */
    private Optional<ItemCalls.Found> item(CallContext call, TaskName name) {
        Optional<ItemCalls.Found> item;
        try {
            item = items.find(call, resolver.namespace(name.queue().location()), name);
        } catch (RpcFailure denied) {
            if (denied.code() == Code.PERMISSION_DENIED && isTask(call, name)) {
                return Optional.empty();
            }
            throw denied;
        }
        return item.filter(found -> !found.hasEnded() || !isTask(call, name));
    }

    /** Whether a Task has the name; a caller that may not read Tasks does not learn it. */
    private boolean isTask(CallContext call, TaskName name) {
        try {
            return find(call, name).isPresent();
        } catch (RpcFailure denied) {
            if (denied.code() == Code.PERMISSION_DENIED) {
                return false;
            }
            throw denied;
        }
    }

    private String path(TaskName name, JsonNode task) {
        return ClusterPaths.task(
                resolver.namespace(name.queue().location()), ObjectJson.text(task.path("metadata"), "name"));
    }

    private JsonNode unfinished(CallContext call, TaskName name) {
        JsonNode task = find(call, name).orElseThrow(() -> CallAnswers.notFound(CallAnswers.NO_ENTITY));
        if (TaskMessageWriter.hasEnded(task)) {
            throw CallAnswers.ended();
        }
        return task;
    }

    /** The Task with this key in this queue, or one that kubectl created with this name. */
    private Optional<JsonNode> find(CallContext call, TaskName name) {
        String namespace = resolver.namespace(name.queue().location());
        String queue = name.queue().object();
        Optional<JsonNode> found = Optional.empty();
        if (name.isKey()) {
            found = read(call, namespace, name.object())
                    .filter(task ->
                            isOf(task, queue) && name.id().equals(ObjectJson.annotation(task, GatewayAnnotations.KEY)));
        }
        if (found.isPresent() || !OBJECT.matcher(name.id()).matches()) {
            return found;
        }
        return read(call, namespace, name.id())
                .filter(task -> isOf(task, queue) && ObjectJson.annotation(task, GatewayAnnotations.KEY) == null);
    }

    private static boolean isOf(JsonNode task, String queue) {
        return ObjectJson.text(task.path("spec").path("queueRef"), "name").equals(queue);
    }

    private Optional<JsonNode> read(CallContext call, String namespace, String name) {
        ClusterReply reply = api.get(call, ClusterPaths.task(namespace, name));
        if (reply.isOk()) {
            return Optional.of(reply.body());
        }
        if (CallAnswers.isMissingObject(reply)) {
            return Optional.empty();
        }
        throw ClusterFailures.of(reply);
    }

    /** ListTasks. */
    public ListTasksResponse list(CallContext call, ListTasksRequest request) {
        QueueName parent = QueueName.parse(request.getParent(), "parent");
        String namespace = resolver.namespace(parent.location());
        boolean full = request.getResponseView() == Task.View.FULL;
        int size = PageToken.size(request.getPageSize(), MOST);
        var scope = new PageToken.Scope("ListTasks", namespace, parent.object(), "");
        PageToken start = PageToken.read(request.getPageToken(), scope);
        String selector = "spec.queueRef.name=" + parent.object() + UNFINISHED;
        ClusterReply page = new PageReader(api)
                .read(call, ClusterPaths.tasks(namespace), selector, full ? Math.min(size, FULL_CHUNK) : size, start);
        Optional<QueueSnapshot> known = queues.find(call, namespace, parent.object());
        if (known.isEmpty() && page.body().path("items").isEmpty()) {
            throw CallAnswers.noQueue();
        }
        QueueName queue =
                new QueueName(parent.location(), known.map(QueueSnapshot::id).orElse(parent.id()));
        ListTasksResponse.Builder response = ListTasksResponse.newBuilder();
        int bytes = 0;
        PageToken place = start;
        for (JsonNode task : start.rest(page)) {
            Task message = TaskMessageWriter.write(task, queue, request.getResponseView());
            bytes += message.getSerializedSize();
            if (bytes > PageToken.MOST_BYTES && response.getTasksCount() > 0) {
                return response.setNextPageToken(place.write(scope)).build();
            }
            response.addTasks(message);
            place = place.after(PageToken.name(task));
        }
        return response.setNextPageToken(
                        PageToken.next(page).map(next -> next.write(scope)).orElse(""))
                .build();
    }
}
