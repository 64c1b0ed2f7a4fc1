package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterPaths;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.BatchItemReader;
import dev.taskqueue.gateway.mapping.GatewayAnnotations;
import dev.taskqueue.gateway.mapping.ItemName;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.mapping.TaskName;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads, runs and deletes tasks that are items of TaskBatches, as far as a batch allows it for one item. */
final class ItemCalls {
    private static final int MOST_TRIES = 3;
    /** The operator knows a longer value of an annotation by its hash only. */
    private static final int LONGEST_RUN_NOW = 256;

    private static final Pattern INDEXES = Pattern.compile("[0-9]{1,3}(,[0-9]{1,3})*");

    private final ClusterClient api;

    ItemCalls(ClusterClient api) {
        this.api = api;
    }

    /** The item of a batch that exists. */
    record Found(String namespace, ItemName name, JsonNode batch) {
        private BatchItemReader reader() {
            return new BatchItemReader(batch);
        }

        boolean hasEnded() {
            return reader().hasEnded(name.index());
        }

        /** Changes the batch as it was read, and no later one. */
        private ObjectNode patch(String annotation, String value) {
            ObjectNode patch = ObjectJson.object();
            patch.withObjectProperty("metadata")
                    .put("resourceVersion", ObjectJson.text(batch.path("metadata"), "resourceVersion"))
                    .withObjectProperty("annotations")
                    .put(annotation, value);
            return patch;
        }
    }

    /** Finds the item that a name means; absent if the name is none of an item, or there is no such batch. */
    Optional<Found> find(CallContext call, String namespace, TaskName task) {
        return ItemName.parse(task)
                .flatMap(name -> find(call, namespace, name, task.queue().object()));
    }

    private Optional<Found> find(CallContext call, String namespace, ItemName name, String queue) {
        ClusterReply reply = api.get(call, ClusterPaths.batch(namespace, name.batch()));
        if (CallAnswers.isMissingObject(reply)) {
            return Optional.empty();
        }
        if (!reply.isOk()) {
            throw ClusterFailures.of(reply);
        }
        var found = new Found(namespace, name, reply.body());
        String ofQueue = ObjectJson.text(reply.body().path("spec").path("queueRef"), "name");
        return ofQueue.equals(queue) && found.reader().task(name.index()).isPresent()
                ? Optional.of(found)
                : Optional.empty();
    }

    /** The item as a Task; fails if it has ended. */
    ObjectNode unfinished(Found item) {
        BatchItemReader reader = item.reader();
        if (reader.hasEnded(item.name().index())) {
            throw CallAnswers.ended();
        }
        return reader.task(item.name().index()).orElseThrow(() -> CallAnswers.notFound(CallAnswers.NO_ENTITY));
    }

    /** Sends an item at once. Those of others that the operator has not seen yet stay in the annotation. */
    ObjectNode run(CallContext call, TaskName task, Found item) {
        return unfinished(annotate(call, task, item, GatewayAnnotations.RUN_NOW, ItemCalls::runNow));
    }

    private static String runNow(Found item) {
        var indexes = new TreeSet<Integer>();
        indexes.add(item.name().index());
        String pending = ObjectJson.annotation(item.batch(), GatewayAnnotations.RUN_NOW);
        if (pending != null && !pending.equals(ObjectJson.text(item.batch().path("status"), "lastHandledRunNow"))) {
            String others = pending.split("\\s", 2)[0];
            if (!INDEXES.matcher(others).matches()) {
                throw changed();
            }
            for (String other : others.split(",", -1)) {
                indexes.add(Integer.valueOf(other));
            }
        }
        String value = String.join(",", indexes.stream().map(String::valueOf).toList()) + " " + UUID.randomUUID();
        if (value.length() > LONGEST_RUN_NOW) {
            throw RpcFailure.of(
                    Code.ABORTED,
                    "Too many tasks of one TaskBatch are run at once; try again when the operator has sent the ones before.");
        }
        return value;
    }

    /** Deletes an item. A batch can only be cancelled as a whole, so that is done for its last open item alone. */
    void delete(CallContext call, TaskName task, Found item) {
        annotate(call, task, item, GatewayAnnotations.CANCEL, ItemCalls::cancel);
    }

    private static String cancel(Found item) {
        if (!item.reader().isLast(item.name().index())) {
            throw RpcFailure.of(
                    Code.FAILED_PRECONDITION,
                    "The task is one of several of the TaskBatch " + item.name().batch()
                            + " and cannot be deleted alone. The annotation " + GatewayAnnotations.CANCEL
                            + " stops all of them; give a task a name if it must be deleted alone.");
        }
        return "Its only open task was deleted.";
    }

    /** Writes an annotation on the batch of an item that has not ended, and reads the batch again if others have changed it. Returns what it is then. */
    private Found annotate(
            CallContext call, TaskName task, Found first, String annotation, Function<Found, String> value) {
        Found item = first;
        for (int i = 0; i < MOST_TRIES; i++) {
            unfinished(item);
            String wanted = value.apply(item);
            ObjectNode patch = item.patch(annotation, wanted);
            ClusterReply reply = api.patch(
                    call, ClusterPaths.batch(item.namespace(), item.name().batch()), patch);
            if (reply.code() != 409) {
                ClusterReply patched = CallAnswers.check(reply, CallAnswers.notFound(CallAnswers.NO_ENTITY));
                return new Found(item.namespace(), item.name(), patched.body());
            }
            item = again(call, task, item);
            if (wanted.equals(ObjectJson.annotation(item.batch(), annotation))) {
                // The answer to an earlier request was lost.
                return item;
            }
        }
        throw changed();
    }

    private Found again(CallContext call, TaskName task, Found item) {
        return find(call, item.namespace(), task).orElseThrow(() -> CallAnswers.notFound(CallAnswers.NO_ENTITY));
    }

    private static RpcFailure changed() {
        return RpcFailure.of(
                Code.ABORTED, "The TaskBatch of the task was changed at the same time by others; try again.");
    }
}
