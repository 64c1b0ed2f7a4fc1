package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.DeleteQueueRequest;
import com.google.cloud.tasks.v2.PauseQueueRequest;
import com.google.cloud.tasks.v2.PurgeQueueRequest;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.ResumeQueueRequest;
import com.google.cloud.tasks.v2.UpdateQueueRequest;
import com.google.protobuf.Empty;
import com.google.protobuf.Timestamp;
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
import dev.taskqueue.gateway.mapping.QueueMessageWriter;
import dev.taskqueue.gateway.mapping.QueueName;
import dev.taskqueue.gateway.mapping.QueueObjectWriter;
import dev.taskqueue.gateway.mapping.ShownText;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Changes queues that exist. */
public final class QueueChanges {
    private static final int MOST_TRIES = 3;

    private final ClusterClient api;
    private final QueueCache queues;
    private final AccessReviews reviews;
    private final NamespaceResolver resolver;
    private final QueueCalls calls;
    private final InstantSource clock;
    private final Pause pause;

    /** Waits; a test does not. */
    public interface Pause {
        void sleep(Duration duration) throws InterruptedException;
    }

    public QueueChanges(
            ClusterClient api,
            QueueCache queues,
            AccessReviews reviews,
            NamespaceResolver resolver,
            QueueCalls calls,
            InstantSource clock,
            Pause pause) {
        this.api = api;
        this.queues = queues;
        this.reviews = reviews;
        this.resolver = resolver;
        this.calls = calls;
        this.clock = clock;
        this.pause = pause;
    }

    /** UpdateQueue; a queue that is missing is created. */
    public Queue update(CallContext call, UpdateQueueRequest request) {
        QueueName name = QueueName.parse(request.getQueue().getName(), "queue.name");
        String path = path(name);
        // A mask that is wrong is refused before anything is read.
        QueueObjectWriter.patch(request.getQueue(), request.getUpdateMask(), "");
        for (int i = 0; i < MOST_TRIES; i++) {
            ClusterReply there = api.get(call, path);
            if (CallAnswers.isMissingObject(there)) {
                return calls.create(call, request.getQueue(), name);
            }
            CallAnswers.check(there, CallAnswers.noQueue());
            String version = ObjectJson.text(there.body().path("metadata"), "resourceVersion");
            ClusterReply patched = api.patch(
                    call, path, QueueObjectWriter.patch(request.getQueue(), request.getUpdateMask(), version));
            if (patched.code() != 409) {
                return message(patched, name);
            }
        }
        throw RpcFailure.of(Code.ABORTED, "The queue was changed at the same time by others; try again.");
    }

    /** PauseQueue. */
    public Queue pause(CallContext call, PauseQueueRequest request) {
        QueueName name = QueueName.parse(request.getName(), "name");
        return message(api.patch(call, path(name), QueueObjectWriter.state(false)), name);
    }

    /** ResumeQueue. */
    public Queue resume(CallContext call, ResumeQueueRequest request) {
        QueueName name = QueueName.parse(request.getName(), "name");
        ClusterReply there = CallAnswers.check(api.get(call, path(name)), CallAnswers.noQueue());
        String hold = ObjectJson.annotation(there.body(), GatewayAnnotations.HOLD);
        if (hold != null
                && ObjectJson.text(there.body().path("status"), "state").equals("Held")) {
            throw RpcFailure.of(
                    Code.FAILED_PRECONDITION,
                    "The queue is held: " + ShownText.text(hold) + ". Remove the annotation " + GatewayAnnotations.HOLD
                            + " of its TaskQueue first.");
        }
        return message(api.patch(call, path(name), QueueObjectWriter.state(true)), name);
    }

    /**
     * PurgeQueue. Creation times have whole seconds: the answer waits for the next one, so that all Tasks that were created before go and none
     * that is created after.
     */
    public Queue purge(CallContext call, PurgeQueueRequest request) {
        QueueName name = QueueName.parse(request.getName(), "name");
        ClusterReply there = CallAnswers.check(api.get(call, path(name)), CallAnswers.noQueue());
        Instant before = there.date()
                .orElse(clock.instant())
                .truncatedTo(ChronoUnit.SECONDS)
                .plusSeconds(1);
        try {
            pause.sleep(Duration.ofSeconds(1));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw RpcFailure.of(Code.UNAVAILABLE, "The gateway stops.");
        }
        Queue purged = message(api.patch(call, path(name), QueueObjectWriter.purge(before)), name);
        return purged.toBuilder()
                .setPurgeTime(Timestamp.newBuilder().setSeconds(before.getEpochSecond()))
                .build();
    }

    /** DeleteQueue; its Tasks go with it, and TaskBatches where unnamed tasks become items of them. */
    public Empty delete(CallContext call, DeleteQueueRequest request) {
        QueueName name = QueueName.parse(request.getName(), "name");
        String namespace = resolver.namespace(name.location());
        List<String> kinds = resolver.rules().isBatched(namespace, name.object())
                ? List.of("tasks", "taskbatches")
                : List.of("tasks");
        // Asked first: a queue without its Tasks' deletion would be half a delete.
        kinds.forEach(kind -> checkDeletion(call, namespace, kind));
        ClusterClient.Answer answer = api.delete(call, path(name), null);
        if (!(answer.repeated() && CallAnswers.isMissingObject(answer.reply()))) {
            CallAnswers.check(answer.reply(), CallAnswers.notFound(CallAnswers.NO_ENTITY));
        }
        queues.remove(namespace, name.object());
        String selector = ClusterPaths.parameter("fieldSelector", "spec.queueRef.name=" + name.object());
        for (String kind : kinds) {
            String path = kind.equals("tasks") ? ClusterPaths.tasks(namespace) : ClusterPaths.batches(namespace);
            ClusterReply deleted = api.delete(call, path + "?" + selector, null).reply();
            if (!deleted.isOk()) {
                throw ClusterFailures.of(deleted);
            }
        }
        return Empty.getDefaultInstance();
    }

    private void checkDeletion(CallContext call, String namespace, String kind) {
        if (!reviews.allows(call, "deletecollection", kind, namespace, null)) {
            throw RpcFailure.denied(
                    call.caller().user()
                            + " may not delete the Tasks of a queue: it needs deletecollection on " + kind
                            + " in the namespace " + namespace + ".",
                    "FORBIDDEN");
        }
    }

    private String path(QueueName name) {
        return ClusterPaths.queue(resolver.namespace(name.location()), name.object());
    }

    private static Queue message(ClusterReply reply, QueueName name) {
        JsonNode queue = CallAnswers.check(reply, CallAnswers.noQueue()).body();
        return QueueMessageWriter.write(queue, name.location());
    }
}
