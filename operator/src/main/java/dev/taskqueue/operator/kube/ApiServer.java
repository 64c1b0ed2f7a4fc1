package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.TaskId;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The few requests that are made for every Task, as bytes through the client's own HTTP layer, which brings the credentials: the typed
 * calls would cost several times as much. Nothing here tries again; who calls knows what a lost answer means to it.
 */
final class ApiServer {
    private static final String TASKS = "apis/taskqueue.dev/v1beta1/";
    private static final String CORE = "api/v1/";
    private static final String MERGE_PATCH = "application/merge-patch+json";
    private static final String JSON = "application/json";
    /** The answer to a write is asked for without spec and status: of it we read the resourceVersion alone. */
    private static final String METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http;
    private final String master;

    /** @param client must not repeat requests by itself */
    ApiServer(KubernetesClient client) {
        this.http = client.getHttpClient();
        String url = client.getMasterUrl().toString();
        this.master = url.endsWith("/") ? url : url + "/";
    }

    /**
     * An answer of the API server.
     *
     * @param retryAfter what the header of that name asks for
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    record Reply(int code, byte[] body, Optional<Duration> retryAfter) {
        boolean isSuccess() {
            return code / 100 == 2;
        }
    }

    Reply list(String namespace, String query) throws IOException {
        return send(request(collection(namespace) + query).setHeader("Accept", JSON));
    }

    /** A watch: JSON events, one a line, until the server ends it. */
    InputStream watch(String namespace, String query) throws IOException {
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(master + collection(namespace) + query)
                .setHeader("Accept", JSON)
                .forStreaming()
                .build();
        HttpResponse<InputStream> response =
                await(http.sendAsync(request, InputStream.class).orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        if (response.code() != 200) {
            response.body().close();
            throw new WatchRefused(response.code());
        }
        return response.body();
    }

    /** The server refused a watch. */
    static final class WatchRefused extends IOException {
        private static final long serialVersionUID = 1L;
        final int code;

        WatchRefused(int code) {
            super("the API server answered " + code + " to a watch");
            this.code = code;
        }
    }

    /** @param query empty, or begins with a question mark */
    Reply get(TaskId task, String query) throws IOException {
        return send(request(path(task) + query).setHeader("Accept", JSON));
    }

    /**
     * An object of the core API as it is now, past every cache.
     *
     * @param plural such as {@code secrets}
     */
    Reply getCore(String plural, String namespace, String name) throws IOException {
        return send(request(CORE + "namespaces/" + namespace + "/" + plural + "/" + name)
                .setHeader("Accept", JSON));
    }

    /** Changes metadata; the operator writes neither spec nor labels. */
    Reply patch(TaskId task, String patch) throws IOException {
        return send(request(path(task) + "?fieldManager=taskqueue-operator")
                .setHeader("Accept", METADATA_ONLY)
                .patch(MERGE_PATCH, patch));
    }

    Reply patchStatus(TaskId task, String patch) throws IOException {
        return send(request(path(task) + "/status?fieldManager=taskqueue-operator")
                .setHeader("Accept", METADATA_ONLY)
                .patch(MERGE_PATCH, patch));
    }

    Reply create(String namespace, String task) throws IOException {
        return send(request(collection(namespace) + "?fieldManager=taskqueue-operator")
                .setHeader("Accept", METADATA_ONLY)
                .post(JSON, task));
    }

    Reply delete(TaskId task, String options) throws IOException {
        return send(request(path(task)).delete(JSON, options));
    }

    private HttpRequest.Builder request(String path) {
        return http.newHttpRequestBuilder().uri(master + path).timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Reply send(HttpRequest.Builder request) throws IOException {
        HttpResponse<byte[]> response = await(http.sendAsync(request.build(), byte[].class));
        byte[] body = response.body();
        return new Reply(response.code(), body == null ? new byte[0] : body, retryAfter(response));
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        String seconds = response.header("Retry-After");
        return seconds != null && seconds.matches("[0-9]{1,6}")
                ? Optional.of(Duration.ofSeconds(Long.parseLong(seconds)))
                : Optional.empty();
    }

    private static <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> pending) throws IOException {
        try {
            return pending.get();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the API server");
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof IOException cause
                    ? cause
                    : new IOException("a request to the API server failed", failure.getCause());
        }
    }

    /** @param namespace empty = all */
    private static String collection(String namespace) {
        return TASKS + (namespace.isEmpty() ? "" : "namespaces/" + namespace + "/") + "tasks";
    }

    private static String path(TaskId task) {
        return TASKS + "namespaces/" + task.namespace() + "/tasks/" + task.name();
    }
}
