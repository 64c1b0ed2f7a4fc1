package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.QueueController;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.kube.ApiRequest;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.reconcile.QueueStatusStore;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the reconciler as Java Operator SDK does: one reconciliation at a time for each queue, with the newest object of the cache; again when an event
 * came meanwhile; again after the time that it asked for. The answer to its own write goes into the cache, and an event that is not newer is skipped.
 */
final class SimulatedQueueController implements QueueController, ObjectFollower.Sink, QueueStatusStore {
    private static final String QUEUES = "taskqueues";
    private static final String API = "apis/" + ApiGroup.API_VERSION;
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final SimulatedProcess process;
    private final ApiTransport transport;
    private final Set<String> namespaces;
    private final Consumer<Throwable> failures;
    /** By namespace. */
    private final Map<String, ObjectFollower> followers = new TreeMap<>();

    private final TreeMap<String, TaskQueue> cache = new TreeMap<>();
    private final Map<String, TaskQueue> deleted = new TreeMap<>();
    private final Set<String> running = new HashSet<>();
    private final Set<String> again = new HashSet<>();
    private final Map<String, Scheduler.Timer> planned = new TreeMap<>();
    private @Nullable TaskQueueReconciler reconciler;
    private boolean closed;

    /**
     * A controller that begins with {@link #start}.
     *
     * @param namespaces empty = all
     * @param failures receives what a reconciliation has thrown
     */
    SimulatedQueueController(
            SimulatedProcess process, ApiTransport transport, Set<String> namespaces, Consumer<Throwable> failures) {
        this.process = process;
        this.transport = transport;
        this.namespaces = namespaces;
        this.failures = failures;
    }

    SimulatedQueueController calling(TaskQueueReconciler called) {
        reconciler = called;
        called.prepareEventSources(new QueueCacheView(cache).asContext()).forEach(source -> {
            source.setEventHandler(event -> changed(key(event.getRelatedCustomResourceID())));
            source.start();
        });
        return this;
    }

    private static String key(ResourceID id) {
        return id.getNamespace().orElse("") + "/" + id.getName();
    }

    @Override
    public void start() {
        Set<String> watched = namespaces.isEmpty() ? Set.of("") : namespaces;
        watched.forEach(namespace -> followers.put(
                namespace,
                new ObjectFollower(process, transport, ObjectFollower.collection(API, namespace, QUEUES), this)));
        followers.values().forEach(ObjectFollower::start);
    }

    @Override
    public List<WatchState> watches() {
        return followers.entrySet().stream()
                .<WatchState>map(follower ->
                        new FollowerState(follower.getValue(), follower.getKey(), QUEUES + "." + ApiGroup.NAME))
                .toList();
    }

    @Override
    public void put(String key, JsonNode object) {
        TaskQueue before = cache.get(key);
        if (before == null || isNewer(object.path("metadata"), before)) {
            cache.put(key, Trees.typed(object, TaskQueue.class));
            changed(key);
        }
    }

    private static boolean isNewer(JsonNode metadata, TaskQueue before) {
        // A restored etcd counts from a lower version.
        return !metadata.path("uid").asText().equals(before.getMetadata().getUid())
                || !metadata.path("resourceVersion")
                        .asText()
                        .equals(before.getMetadata().getResourceVersion());
    }

    private static long version(TaskQueue queue) {
        return Long.parseLong(queue.getMetadata().getResourceVersion());
    }

    @Override
    public void remove(String key, JsonNode before) {
        TaskQueue last = cache.remove(key);
        deleted.put(key, last == null ? Trees.typed(before, TaskQueue.class) : last);
        changed(key);
    }

    private void changed(String key) {
        if (closed) {
            return;
        }
        if (running.add(key)) {
            process.threads().execute(() -> reconcile(key));
        } else {
            again.add(key);
        }
    }

    private void reconcile(String key) {
        Scheduler.Timer later = planned.remove(key);
        if (later != null) {
            later.cancel();
        }
        TaskQueue gone = cache.containsKey(key) ? null : deleted.remove(key);
        TaskQueue queue = gone == null ? cache.get(key) : gone;
        try {
            if (queue != null && reconciler != null) {
                UpdateControl<TaskQueue> control = reconciler.reconcile(queue, context(gone != null));
                control.getScheduleDelay().ifPresent(millis -> plan(key, Duration.ofMillis(millis)));
            }
        } catch (RuntimeException failure) {
            failures.accept(failure);
            plan(key, RETRY);
        } finally {
            running.remove(key);
            if (again.remove(key)) {
                changed(key);
            }
        }
    }

    private void plan(String key, Duration after) {
        planned.put(key, process.after(after, () -> changed(key)));
    }

    /** The context of one reconciliation. The status store of this controller needs no more of it. */
    @SuppressWarnings("unchecked")
    private static Context<TaskQueue> context(boolean isDeleted) {
        return (Context<TaskQueue>) Proxy.newProxyInstance(
                Context.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("isPrimaryResourceDeleted")) {
                        return isDeleted;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** Replaces the status of the version that was seen, and takes the answer into the cache. */
    @Override
    public void write(Context<TaskQueue> context, TaskQueue queue, TaskQueueStatus status) {
        String namespace = queue.getMetadata().getNamespace();
        String name = queue.getMetadata().getName();
        ObjectNode body = withStatus(queue, status);
        String path = ObjectFollower.collection(API, namespace, QUEUES) + "/" + name + "/status";
        try (ApiTransport.Answer answer = transport.send(
                new ApiRequest(
                        "PUT", path, "application/json", "application/json", ObjectFollower.bytes(body.toString())),
                TIMEOUT)) {
            byte[] read = answer.bytes();
            if (answer.code() != 200) {
                throw new KubernetesClientException("the API server answered " + answer.code(), answer.code(), null);
            }
            String key = namespace + "/" + name;
            TaskQueue written = Trees.typed(Trees.read(read), TaskQueue.class);
            TaskQueue cached = cache.get(key);
            if (cached != null && version(cached) < version(written)) {
                cache.put(key, written);
            }
        } catch (IOException lost) {
            throw new KubernetesClientException("no answer", lost);
        }
    }

    /** The server takes nothing else from a write of the status. */
    private static ObjectNode withStatus(TaskQueue queue, TaskQueueStatus status) {
        ObjectNode body =
                Trees.object().put("apiVersion", queue.getApiVersion()).put("kind", queue.getKind());
        body.putObject("metadata")
                .put("namespace", queue.getMetadata().getNamespace())
                .put("name", queue.getMetadata().getName())
                .put("uid", queue.getMetadata().getUid())
                .put("resourceVersion", queue.getMetadata().getResourceVersion());
        body.set("status", Trees.tree(status));
        return body;
    }

    @Override
    public void close() {
        closed = true;
        followers.values().forEach(ObjectFollower::close);
    }
}
