package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskReader;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes the few requests that every Task needs, as bytes and on the caller's thread. Nothing here tries again; the caller knows what a lost answer
 * means.
 */
public final class ApiClient {
    private static final String GROUP = "apis/" + ApiGroup.API_VERSION + "/";
    private static final String CORE = "api/v1/";
    /** Requests the answer to a write without spec and status, because only its resourceVersion is read. */
    private static final String METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** The timeout for a page, whose objects may be large. The API server gives up after the same time. */
    private static final Duration LIST_TIMEOUT = Duration.ofSeconds(60);

    /** Tasks on a page. Each page costs the API server about as much as 500 Tasks on it. */
    private static final int PAGE_SIZE = 1000;
    /** TaskBatches on a page. Each may have more than a MiB. */
    private static final int BATCH_PAGE_SIZE = 20;

    /** The most objects that are read at the same time. Each may have more than a MiB, and takes a multiple of that while it is read. */
    private static final int MAX_READS = 16;

    /** Shared by namespaces: if the reads of one hang, the others still have slots. */
    private final SharedPool reads = new SharedPool("reads", MAX_READS, false);

    private final ApiTransport transport;
    private final ServerClock serverClock;
    private final Map<ResourceKind, LastWrites> lastWrites =
            Map.of(ResourceKind.TASKS, new LastWrites(), ResourceKind.TASK_BATCHES, new LastWrites());
    private final CreationExpectations creations = new CreationExpectations();
    private final String writeQuery;

    /**
     * A client for an operator.
     *
     * @param manager the name of this operator in what it writes
     * @param wall the clock of this machine, to be compared with that of the API server
     */
    public ApiClient(ApiTransport transport, FieldOwner manager, InstantSource wall) {
        this.transport = transport;
        this.serverClock = new ServerClock(wall);
        this.writeQuery = "?fieldManager=" + URLEncoder.encode(manager.name(), StandardCharsets.UTF_8);
    }

    /** How far this machine's clock is ahead of the API server's; negative if it is behind, zero if they differ by less than 5 s. */
    public Duration aheadOfServer() {
        return serverClock.ahead();
    }

    /** What this process creates because of other objects. */
    public CreationExpectations creations() {
        return creations;
    }

    /**
     * The API server has acknowledged a write to a Task of this namespace.
     *
     * @param answer the body of its answer
     */
    public void acknowledged(String namespace, JsonNode answer) {
        acknowledged(ResourceKind.TASKS, namespace, answer);
    }

    void acknowledged(ResourceKind kind, String namespace, JsonNode answer) {
        lastWrites(kind).acknowledged(namespace, answer);
    }

    LastWrites lastWrites(ResourceKind kind) {
        return Objects.requireNonNull(lastWrites.get(kind));
    }

    /**
     * Lists Tasks in pages and hands over each Task when it arrives. So no more than one of them is in memory, however large they are.
     *
     * @param namespace empty = all
     * @param selector a further part of the query, such as a fieldSelector; may be empty
     * @throws RefusedException if the server refuses a page; the Tasks before it have been handed over
     */
    public Listing list(String namespace, String selector, Consumer<JsonNode> each) throws IOException {
        return list(ResourceKind.TASKS, namespace, selector, each);
    }

    /** Lists objects of a kind in the same way. */
    Listing list(ResourceKind kind, String namespace, String selector, Consumer<JsonNode> each) throws IOException {
        int size = kind == ResourceKind.TASK_BATCHES ? BATCH_PAGE_SIZE : PAGE_SIZE;
        return listAll(collection(namespace, kind), size, selector, each);
    }

    /** Lists TaskQueues in the same way, past every cache. */
    public Listing listQueues(String namespace, Consumer<TaskQueue> each) throws IOException {
        return listAll(collection(namespace, "taskqueues"), PAGE_SIZE, "", queue -> each.accept(queue(queue)));
    }

    private static TaskQueue queue(JsonNode json) {
        try {
            return TaskJson.MAPPER.treeToValue(json, TaskQueue.class);
        } catch (JsonProcessingException unreadable) {
            // The schema of the CRD allows nothing that cannot be read.
            throw new IllegalArgumentException("a TaskQueue cannot be read", unreadable);
        }
    }

    private Listing listAll(String collection, int pageSize, String selector, Consumer<JsonNode> each)
            throws IOException {
        String query = "?limit=" + pageSize + (selector.isEmpty() ? "" : "&" + selector);
        String next = "";
        while (true) {
            Page page = page(collection + query + next, each);
            String token = page.metadata().path("continue").asText("");
            if (token.isEmpty()) {
                return new Listing(page.metadata().path("resourceVersion").asText(), page.serverTime());
            }
            next = "&continue=" + URLEncoder.encode(token, StandardCharsets.UTF_8);
        }
    }

    /**
     * A list that is complete.
     *
     * @param version its resourceVersion
     * @param serverTime when the API server answered, by its own clock; empty if it did not say
     */
    public record Listing(String version, Optional<Instant> serverTime) {}

    private record Page(JsonNode metadata, Optional<Instant> serverTime) {}

    private Page page(String path, Consumer<JsonNode> each) throws IOException {
        try (ApiTransport.Answer answer = send(ApiRequest.get(path), LIST_TIMEOUT)) {
            if (!ApiReply.isSuccess(answer.code())) {
                throw new RefusedException(answer.code(), "a list of Tasks");
            }
            return new Page(TaskReader.list(answer.body(), each), answer.date());
        }
    }

    private ApiTransport.Answer send(ApiRequest request, Duration timeout) throws IOException {
        long sent = serverClock.millis();
        ApiTransport.Answer answer = transport.send(request, timeout);
        serverClock.look(answer, sent);
        return answer;
    }

    /**
     * Opens a watch.
     *
     * @param silence the longest time without data before the connection counts as dead
     */
    ApiTransport.Watch watch(ResourceKind kind, String namespace, String query, Duration silence) throws IOException {
        return transport.watch(collection(namespace, kind) + query, silence);
    }

    /** Reads the object that has the name of this Task, past every cache. */
    public ApiReply get(TaskId task) throws IOException {
        return read(task.namespace(), path(task));
    }

    /** Reads the Task, past every cache. */
    public ObjectLookup lookUp(TaskId task) throws IOException {
        return lookUp(task, get(task));
    }

    /** Reads the Task from the cache of the API server. That costs etcd nothing, but may miss the newest changes. */
    public ObjectLookup lookUpInCache(TaskId task) throws IOException {
        return lookUp(task, read(task.namespace(), path(task) + "?resourceVersion=0"));
    }

    private static ObjectLookup lookUp(TaskId task, ApiReply reply) throws IOException {
        if (!reply.isSuccess()) {
            return WriteAnswer.of(reply) instanceof WriteAnswer.NotFound
                    ? new ObjectLookup.Absent()
                    : new ObjectLookup.Failed(reply);
        }
        JsonNode json = TaskJson.tree(reply.body());
        return TaskReader.id(json).equals(task)
                ? new ObjectLookup.Found(json, TaskReader.read(json))
                : new ObjectLookup.Absent();
    }

    /**
     * Reads an object of the core API, past every cache.
     *
     * @param plural such as {@code secrets}
     */
    public ApiReply getCore(String plural, String namespace, String name) throws IOException {
        return read(namespace, CORE + "namespaces/" + namespace + "/" + plural + "/" + name);
    }

    ApiReply read(String namespace, String path) throws IOException {
        var holder = new QueueId(namespace, "");
        reads.acquire(holder);
        try {
            return send(ApiRequest.get(path));
        } finally {
            reads.release(holder, 1);
        }
    }

    public SharedPool reads() {
        return reads;
    }

    /** Patches metadata. The operator writes neither spec nor labels. */
    public ApiReply patch(TaskId task, String patch) throws IOException {
        return write("PATCH", path(task), ApiRequest.MERGE_PATCH, patch);
    }

    public ApiReply patchStatus(TaskId task, String patch) throws IOException {
        return write("PATCH", path(task) + "/status", ApiRequest.MERGE_PATCH, patch);
    }

    public ApiReply create(String namespace, String task) throws IOException {
        return write("POST", collection(namespace, ResourceKind.TASKS), ApiRequest.JSON, task);
    }

    public ApiReply delete(TaskId task, String options) throws IOException {
        return delete(path(task), options);
    }

    ApiReply delete(String path, String options) throws IOException {
        return send(ApiRequest.of("DELETE", path, ApiRequest.JSON, ApiRequest.JSON, options));
    }

    ApiReply write(String method, String path, String contentType, String body) throws IOException {
        return send(ApiRequest.of(method, path + writeQuery, METADATA_ONLY, contentType, body));
    }

    private ApiReply send(ApiRequest request) throws IOException {
        try (ApiTransport.Answer answer = send(request, TIMEOUT)) {
            return new ApiReply(answer.code(), answer.bytes(), pause(answer.retryAfter()));
        }
    }

    private static Duration pause(Optional<String> retryAfter) {
        return retryAfter
                .filter(seconds -> seconds.matches("[0-9]{1,6}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(Duration.ZERO);
    }

    /** @param namespace empty = all */
    static String collection(String namespace, ResourceKind kind) {
        return collection(namespace, kind.plural());
    }

    private static String collection(String namespace, String plural) {
        return GROUP + (namespace.isEmpty() ? "" : "namespaces/" + namespace + "/") + plural;
    }

    private static String path(TaskId task) {
        return GROUP + "namespaces/" + task.namespace() + "/tasks/" + task.name();
    }
}
