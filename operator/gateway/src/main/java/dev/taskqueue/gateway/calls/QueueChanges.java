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
import dev.taskqueue.gateway.cluster.ApiClient;
import dev.taskqueue.gateway.cluster.ApiFailures;
import dev.taskqueue.gateway.cluster.ApiPaths;
import dev.taskqueue.gateway.cluster.ApiReply;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.QueueCache;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.GatewayAnnotations;
import dev.taskqueue.gateway.mapping.Json;
import dev.taskqueue.gateway.mapping.QueueMessageWriter;
import dev.taskqueue.gateway.mapping.QueueName;
import dev.taskqueue.gateway.mapping.QueueObjectWriter;
import dev.taskqueue.gateway.mapping.Shown;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Changes queues that exist. */
public final class QueueChanges {
    private static final int MOST_TRIES = 3;

    private final ApiClient api;
    private final QueueCache queues;
    private final AccessReviews reviews;
    private final Places places;
    private final QueueCalls calls;
    private final InstantSource clock;
    private final Pause pause;

    /** Waits; a test does not. */
    public interface Pause {
        void sleep(Duration duration) throws InterruptedException;
    }

    public QueueChanges(
            ApiClient api,
            QueueCache queues,
            AccessReviews reviews,
            Places places,
            QueueCalls calls,
            InstantSource clock,
            Pause pause) {
        this.api = api;
        this.queues = queues;
        this.reviews = reviews;
        this.places = places;
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
            ApiReply there = api.get(call, path);
            if (Answers.isMissingObject(there)) {
                return calls.create(call, request.getQueue(), name);
            }
            Answers.check(there, Answers.noQueue());
            String version = Json.text(there.body().path("metadata"), "resourceVersion");
            ApiReply patched = api.patch(
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
        ApiReply there = Answers.check(api.get(call, path(name)), Answers.noQueue());
        String hold = Json.annotation(there.body(), GatewayAnnotations.HOLD);
        if (hold != null && Json.text(there.body().path("status"), "state").equals("Held")) {
            throw RpcFailure.of(
                    Code.FAILED_PRECONDITION,
                    "The queue is held: " + Shown.text(hold) + ". Remove the annotation " + GatewayAnnotations.HOLD
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
        ApiReply there = Answers.check(api.get(call, path(name)), Answers.noQueue());
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

    /** DeleteQueue; its Tasks go with it. */
    public Empty delete(CallContext call, DeleteQueueRequest request) {
        QueueName name = QueueName.parse(request.getName(), "name");
        String namespace = places.namespace(name.location());
        // Asked first: a queue without its Tasks' deletion would be half a delete.
        if (!reviews.allows(call, "deletecollection", "tasks", namespace, null)) {
            throw RpcFailure.denied(
                    call.caller().user()
                            + " may not delete the Tasks of a queue: it needs deletecollection on tasks in the namespace "
                            + namespace + ".",
                    "FORBIDDEN");
        }
        ApiClient.Answer answer = api.delete(call, path(name), null);
        if (!(answer.repeated() && Answers.isMissingObject(answer.reply()))) {
            Answers.check(answer.reply(), Answers.notFound(Answers.NO_ENTITY));
        }
        queues.remove(namespace, name.object());
        String selector = ApiPaths.parameter("fieldSelector", "spec.queueRef.name=" + name.object());
        ApiReply tasks = api.delete(call, ApiPaths.tasks(namespace) + "?" + selector, null)
                .reply();
        if (!tasks.isOk()) {
            throw ApiFailures.of(tasks);
        }
        return Empty.getDefaultInstance();
    }

    private String path(QueueName name) {
        return ApiPaths.queue(places.namespace(name.location()), name.object());
    }

    private static Queue message(ApiReply reply, QueueName name) {
        JsonNode queue = Answers.check(reply, Answers.noQueue()).body();
        return QueueMessageWriter.write(queue, name.location());
    }
}
