package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskReader;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientImpl;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * Makes the few requests that every Task needs, as bytes and on the caller's thread. It uses the connections and the credentials of the Fabric8
 * client, but not its typed calls: those hand each request from thread to thread and would cost several times as much. Nothing here tries again;
 * the caller knows what a lost answer means.
 */
public final class ApiClient {
    private static final String TASKS = "apis/" + ApiGroup.API_VERSION + "/";
    private static final String CORE = "api/v1/";
    private static final MediaType MERGE_PATCH = MediaType.get("application/merge-patch+json");
    private static final MediaType JSON = MediaType.get("application/json");
    /** Requests the answer to a write without spec and status, because only its resourceVersion is read. */
    private static final String METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** The timeout for a page, whose objects may be large. The API server gives up after the same time. */
    private static final Duration LIST_TIMEOUT = Duration.ofSeconds(60);

    /** Tasks on a page. Each page costs the API server about as much as 500 Tasks on it. */
    private static final int PAGE_SIZE = 1000;

    /** The most objects that are read at the same time. Each may have more than a MiB, and takes a multiple of that while it is read. */
    private static final int MAX_READS = 16;

    /** Shared by namespaces: if the reads of one hang, the others still have slots. */
    private final SharedPool reads = new SharedPool("reads", MAX_READS, false);

    private final ServerClock serverClock = new ServerClock();
    private final OkHttpClient http;
    private final String master;
    private final String writeQuery;

    /** A client for an operator without a Lease. */
    public ApiClient(KubernetesClient client) {
        this(client, FieldOwner.ALONE);
    }

    /**
     * A client that shares the connections of another one.
     *
     * @param client uses OkHttp; its settings for TLS, proxies and credentials apply here, too
     * @param manager the name of this operator in what it writes
     */
    public ApiClient(KubernetesClient client, FieldOwner manager) {
        this.writeQuery = "?fieldManager=" + URLEncoder.encode(manager.name(), StandardCharsets.UTF_8);
        this.http = ((OkHttpClientImpl) client.getHttpClient())
                .getOkHttpClient()
                .newBuilder()
                // Otherwise OkHttp connects on other threads, and an interrupt leads to a checked exception that nobody
                // declares.
                .fastFallback(false)
                .addInterceptor(serverClock)
                .addInterceptor(new CredentialsInterceptor(client.getConfiguration()))
                .build();
        String url = client.getMasterUrl().toString();
        this.master = url.endsWith("/") ? url : url + "/";
    }

    /** How far this machine's clock is ahead of the API server's; negative if it is behind, zero if they differ by less than 5 s. */
    public Duration aheadOfServer() {
        return serverClock.ahead();
    }

    /**
     * Lists Tasks in pages and hands over each Task when it arrives. So no more than one of them is in memory, however large they are.
     *
     * @param namespace empty = all
     * @param selector a further part of the query, such as a fieldSelector; may be empty
     * @throws RefusedException if the server refuses a page; the Tasks before it have been handed over
     */
    public Listing list(String namespace, String selector, Consumer<JsonNode> each) throws IOException {
        String query = "?limit=" + PAGE_SIZE + (selector.isEmpty() ? "" : "&" + selector);
        String next = "";
        while (true) {
            Page page = page(collection(namespace) + query + next, each);
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
        try (Response response = call(request(path), LIST_TIMEOUT).execute()) {
            if (!response.isSuccessful()) {
                throw new RefusedException(response.code(), "a list of Tasks");
            }
            Optional<Instant> serverTime =
                    Optional.ofNullable(response.headers().getDate("Date")).map(Date::toInstant);
            return new Page(TaskReader.list(response.body().byteStream(), each), serverTime);
        }
    }

    /**
     * Opens a watch.
     *
     * @param silence the longest time without data before the connection counts as dead
     */
    Watch watch(String namespace, String query, Duration silence) throws IOException {
        OkHttpClient patient = http.newBuilder().readTimeout(silence).build();
        Call call = patient.newCall(request(collection(namespace) + query).build());
        Response response = call.execute();
        if (response.code() != 200) {
            response.close();
            throw new RefusedException(response.code(), "a watch");
        }
        return new Watch(call, response.body().source());
    }

    /** An open watch: one JSON event on each line, until the server ends it. For one thread, except {@link #cancel}. */
    static final class Watch implements AutoCloseable {
        private final Call call;
        private final BufferedSource events;

        private Watch(Call call, BufferedSource events) {
            this.call = call;
            this.events = events;
        }

        /** The next line without its line end; empty at the end of the watch. A last line without an end does not count. */
        Optional<byte[]> next() throws IOException {
            long length = events.indexOf((byte) '\n');
            if (length < 0) {
                return Optional.empty();
            }
            byte[] line = events.readByteArray(length);
            events.skip(1);
            return Optional.of(line);
        }

        /** Ends the watch, from any thread. A thread that waits in {@link #next} gets an exception. */
        void cancel() {
            call.cancel();
        }

        @Override
        public void close() throws IOException {
            events.close();
        }
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

    private ApiReply read(String namespace, String path) throws IOException {
        var holder = new QueueId(namespace, "");
        reads.acquire(holder);
        try {
            return send(request(path));
        } finally {
            reads.release(holder, 1);
        }
    }

    public SharedPool reads() {
        return reads;
    }

    /** Patches metadata. The operator writes neither spec nor labels. */
    public ApiReply patch(TaskId task, String patch) throws IOException {
        return send(write(path(task)).patch(body(MERGE_PATCH, patch)));
    }

    public ApiReply patchStatus(TaskId task, String patch) throws IOException {
        return send(write(path(task) + "/status").patch(body(MERGE_PATCH, patch)));
    }

    public ApiReply create(String namespace, String task) throws IOException {
        return send(write(collection(namespace)).post(body(JSON, task)));
    }

    public ApiReply delete(TaskId task, String options) throws IOException {
        return send(request(path(task)).delete(body(JSON, options)));
    }

    private Request.Builder request(String path) {
        return new Request.Builder().url(master + path).header("Accept", JSON.toString());
    }

    private Request.Builder write(String path) {
        return request(path + writeQuery).header("Accept", METADATA_ONLY);
    }

    /** Makes the body from bytes, so that no charset is added to the media type. */
    private static RequestBody body(MediaType type, String json) {
        return RequestBody.create(json.getBytes(StandardCharsets.UTF_8), type);
    }

    private ApiReply send(Request.Builder request) throws IOException {
        try (Response response = call(request, TIMEOUT).execute()) {
            return new ApiReply(response.code(), response.body().bytes(), retryAfter(response));
        }
    }

    private Call call(Request.Builder request, Duration timeout) {
        Call call = http.newCall(request.build());
        call.timeout().timeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return call;
    }

    private static Duration retryAfter(Response response) {
        String seconds = response.header("Retry-After");
        return seconds != null && seconds.matches("[0-9]{1,6}")
                ? Duration.ofSeconds(Long.parseLong(seconds))
                : Duration.ZERO;
    }

    /** @param namespace empty = all */
    private static String collection(String namespace) {
        return TASKS + (namespace.isEmpty() ? "" : "namespaces/" + namespace + "/") + "tasks";
    }

    private static String path(TaskId task) {
        return TASKS + "namespaces/" + task.namespace() + "/tasks/" + task.name();
    }
}
