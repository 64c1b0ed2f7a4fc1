package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.AccessReviews;
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
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Creates Tasks. Clients do not repeat a create, so this does; an annotation with a number of the call tells the own Task from somebody else's.
 */
public final class TaskCreation {
    private static final int MOST_IDS = 3;

    private final ClusterClient api;
    private final QueueCache queues;
    private final AccessReviews reviews;
    private final NamespaceResolver resolver;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    public TaskCreation(
            ClusterClient api,
            QueueCache queues,
            AccessReviews reviews,
            NamespaceResolver resolver,
            InstantSource clock) {
        this.api = api;
        this.queues = queues;
        this.reviews = reviews;
        this.resolver = resolver;
        this.clock = clock;
    }

    /** CreateTask. */
    public Task create(CallContext call, CreateTaskRequest request) {
        QueueName parent = QueueName.parse(request.getParent(), "parent");
        String given = givenId(request.getTask().getName(), parent);
        String namespace = resolver.namespace(parent.location());
        QueueSnapshot queue = queues.find(call, namespace, parent.object())
                .orElseThrow(() -> refusal(call, namespace, CallAnswers.noQueue()));
        for (int i = 1; ; i++) {
            String key = given == null ? Long.toString(random.nextLong(Long.MAX_VALUE)) : given;
            Optional<JsonNode> created = post(call, request.getTask(), queue, namespace, key, given != null);
            if (created.isPresent()) {
                return TaskMessageWriter.write(
                        created.get(), new QueueName(parent.location(), queue.id()), request.getResponseView());
            }
            if (i == MOST_IDS) {
                throw RpcFailure.of(
                        Code.ABORTED, "The API server refuses the object because of a conflict; try again.");
            }
        }
    }

    private static @Nullable String givenId(String name, QueueName parent) {
        if (name.isEmpty()) {
            return null;
        }
        TaskName task = TaskName.parse(name, "task.name");
        boolean same = task.queue().location().equals(parent.location())
                && task.queue().object().equals(parent.object());
        if (!same) {
            throw RpcFailure.invalidName("Task name must be formatted: the task " + task + " is not of the queue "
                    + parent + ", which is the parent of the request.");
        }
        return task.id();
    }

    /**
     * The failure, for a caller that may create Tasks. Nobody learns of queues by asking: another caller is told that it may not, in the API server's
     * own words, whether the queue is there or not, and whatever its task says.
     */
    private RpcFailure refusal(CallContext call, String namespace, RpcFailure failure) {
        if (reviews.allows(call, "create", "tasks", namespace, null)) {
            return failure;
        }
        ClusterReply reply = api.create(call, ClusterPaths.tasks(namespace) + "?dryRun=All", ObjectJson.object());
        return switch (reply.code()) {
            // The right was granted a moment ago, so the empty object is looked at.
            case 400, 422 -> failure;
            default -> ClusterFailures.of(reply);
        };
    }

    /** Creates the object; absent if another try makes sense, with another id if none was given. */
    private Optional<JsonNode> post(
            CallContext call, Task task, QueueSnapshot queue, String namespace, String key, boolean isGiven) {
        String request = UUID.randomUUID().toString();
        ObjectNode object = write(call, task, queue, namespace, key, request);
        ClusterClient.Answer answer =
                api.createRepeating(call, ClusterPaths.tasks(namespace) + "?fieldValidation=Strict", object);
        ClusterReply reply = answer.reply();
        if (reply.isOk()) {
            return Optional.of(reply.body());
        }
        if (reply.code() != 409) {
            throw ClusterFailures.of(reply);
        }
        if (reply.reason().equals("Conflict")) {
            // A quota was changed at the same moment.
            return Optional.empty();
        }
        if (!answer.repeated()) {
            if (isGiven) {
                throw alreadyThere(key);
            }
            return Optional.empty();
        }
        return own(call, object, namespace, request, key, isGiven);
    }

    private ObjectNode write(
            CallContext call, Task task, QueueSnapshot queue, String namespace, String key, String request) {
        try {
            return resolver.writer().write(task, queue, namespace, key, request, clock.instant());
        } catch (RpcFailure wrong) {
            throw refusal(call, namespace, wrong);
        }
    }

    /** After a repeat the object that is there may be the own one. */
    private Optional<JsonNode> own(
            CallContext call, ObjectNode object, String namespace, String request, String key, boolean isGiven) {
        String name = object.path("metadata").path("name").asText();
        ClusterReply there = api.get(call, ClusterPaths.task(namespace, name));
        if (there.isOk() && request.equals(ObjectJson.annotation(there.body(), GatewayAnnotations.REQUEST))) {
            return Optional.of(there.body());
        }
        if (isGiven) {
            throw alreadyThere(key);
        }
        if (there.code() == 403) {
            // Nobody else has this random id, so it is the own object; its caller may not read it.
            object.withObjectProperty("metadata")
                    .put("creationTimestamp", clock.instant().toString());
            return Optional.of(object);
        }
        return Optional.empty();
    }

    private static RpcFailure alreadyThere(String key) {
        return RpcFailure.of(
                Code.ALREADY_EXISTS,
                "Requested entity already exists (ALREADY_EXISTS): the task " + key
                        + ". A name stays taken until its Task is deleted.");
    }
}
