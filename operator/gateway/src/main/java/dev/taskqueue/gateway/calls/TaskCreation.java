package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.rpc.Code;
import dev.taskqueue.gateway.calls.ObjectCreation.Outcome;
import dev.taskqueue.gateway.cluster.AccessReviews;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterPaths;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.cluster.QueueCache;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.mapping.QueueName;
import dev.taskqueue.gateway.mapping.QueueSnapshot;
import dev.taskqueue.gateway.mapping.TaskMessageWriter;
import dev.taskqueue.gateway.mapping.TaskName;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Creates Tasks: objects of their own, or items of TaskBatches for unnamed tasks of queues for which the mapping asks for that. */
public final class TaskCreation {
    private static final int MOST_TRIES = 3;

    private final ClusterClient api;
    private final ObjectCreation creation;
    private final TaskGroups groups;
    private final QueueCache queues;
    private final AccessReviews reviews;
    private final NamespaceResolver resolver;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    public TaskCreation(
            ClusterClient api,
            TaskGroups groups,
            QueueCache queues,
            AccessReviews reviews,
            NamespaceResolver resolver,
            InstantSource clock) {
        this.api = api;
        this.creation = new ObjectCreation(api, clock);
        this.groups = groups;
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
                .orElseThrow(() -> refusal(
                        call,
                        namespace,
                        given == null && resolver.rules().isBatched(namespace, parent.object()),
                        CallAnswers.noQueue()));
        JsonNode created = given == null
                ? unnamed(call, request.getTask(), queue, namespace)
                : named(call, request.getTask(), queue, namespace, given);
        return TaskMessageWriter.write(
                created, new QueueName(parent.location(), queue.id()), request.getResponseView());
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
     *
     * @param batched whether the task would become an item of a TaskBatch
     */
    private RpcFailure refusal(CallContext call, String namespace, boolean batched, RpcFailure failure) {
        if (reviews.allows(call, "create", batched ? "taskbatches" : "tasks", namespace, null)) {
            return failure;
        }
        String collection = batched ? ClusterPaths.batches(namespace) : ClusterPaths.tasks(namespace);
        ClusterReply reply = api.create(call, collection + "?dryRun=All", ObjectJson.object());
        return switch (reply.code()) {
            // The right was granted a moment ago, so the empty object is looked at.
            case 400, 422 -> failure;
            default -> ClusterFailures.of(reply);
        };
    }

    /** What the task becomes. A caller that may not create Tasks is not told what is wrong with it. */
    private <T> T written(CallContext call, String namespace, boolean batched, Supplier<T> write) {
        try {
            return write.get();
        } catch (RpcFailure wrong) {
            throw refusal(call, namespace, batched, wrong);
        }
    }

    private JsonNode unnamed(CallContext call, Task task, QueueSnapshot queue, String namespace) {
        if (resolver.rules().isBatched(namespace, queue.object())) {
            Optional<ObjectNode> item = written(
                            call,
                            namespace,
                            true,
                            () -> resolver.writer().item(task, queue, namespace, clock.instant()))
                    .flatMap(draft -> groups.create(call, namespace, queue.object(), draft));
            if (item.isPresent()) {
                return item.get();
            }
        }
        for (int i = 0; i < MOST_TRIES; i++) {
            String key = Long.toString(random.nextLong(Long.MAX_VALUE));
            switch (create(call, task, queue, namespace, key, true)) {
                case Outcome.Created created -> {
                    return created.object();
                }
                case Outcome.NameTaken _ -> {}
                case Outcome.Conflict _ -> throw CallAnswers.conflict();
                case Outcome.Refused refused -> throw ClusterFailures.of(refused.reply());
            }
        }
        throw CallAnswers.conflict();
    }

    private JsonNode named(CallContext call, Task task, QueueSnapshot queue, String namespace, String key) {
        return switch (create(call, task, queue, namespace, key, false)) {
            case Outcome.Created created -> created.object();
            case Outcome.NameTaken _ -> throw alreadyThere(key);
            case Outcome.Conflict _ -> throw CallAnswers.conflict();
            case Outcome.Refused refused -> throw ClusterFailures.of(refused.reply());
        };
    }

    private Outcome create(
            CallContext call, Task task, QueueSnapshot queue, String namespace, String key, boolean isRandom) {
        String request = UUID.randomUUID().toString();
        ObjectNode object = written(
                call,
                namespace,
                false,
                () -> resolver.writer().write(task, queue, namespace, key, request, clock.instant()));
        return creation.create(call, ClusterPaths.tasks(namespace), object, isRandom);
    }

    private static RpcFailure alreadyThere(String key) {
        return RpcFailure.of(
                Code.ALREADY_EXISTS,
                "Requested entity already exists (ALREADY_EXISTS): the task " + key
                        + ". A name stays taken until its Task is deleted.");
    }
}
