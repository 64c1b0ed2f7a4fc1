package dev.taskqueue.operator.bench;

import dev.taskqueue.operator.testing.ApiServerTrust;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Proxy;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Creates and changes the Tasks of one namespace by plain requests. It is the load generator, and the bare loop to which the operator is compared.
 */
final class BenchClient implements AutoCloseable {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final MediaType MERGE_PATCH = MediaType.get("application/merge-patch+json");

    private final OkHttpClient http;
    private final String tasks;
    private final String batches;
    private final String authorization;
    private final int clients;

    /** @param clients requests in flight at once */
    BenchClient(String kubeconfig, String namespace, int clients) {
        Config config = Config.fromKubeconfig(kubeconfig);
        ApiServerTrust trust = ApiServerTrust.of(config);
        this.http = new OkHttpClient.Builder()
                .proxy(Proxy.NO_PROXY)
                .sslSocketFactory(trust.context().getSocketFactory(), trust.manager())
                .build();
        this.tasks = config.getMasterUrl().replaceAll("/$", "") + "/apis/taskqueue.dev/v1beta1/namespaces/" + namespace
                + "/tasks";
        this.batches = tasks.replaceAll("tasks$", "taskbatches");
        this.authorization = "Bearer " + config.getAutoOAuthToken();
        this.clients = clients;
    }

    void create(String task) {
        send(request("").post(RequestBody.create(task, JSON)));
    }

    void createBatch(String batch) {
        send(to(batches).post(RequestBody.create(batch, JSON)));
    }

    /** Whether the namespace contains no TaskBatch of this queue. */
    boolean hasNoBatch(String queue) {
        return send(to(batches + "?limit=1&fieldSelector=spec.queueRef.name%3D" + queue)
                        .get())
                .contains("\"items\":[]");
    }

    void patchStatus(String name, String patch) {
        send(request("/" + name + "/status").patch(RequestBody.create(patch, MERGE_PATCH)));
    }

    void delete(String name) {
        send(request("/" + name).delete());
    }

    /** Whether the namespace contains no Task. */
    boolean isEmpty() {
        return send(request("?limit=1").get()).contains("\"items\":[]");
    }

    /** Runs an action {@code count} times and passes the number of each run. As many run at once as there are clients. */
    void forEach(int count, IntConsumer action) {
        var next = new AtomicInteger();
        var running = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < clients; client++) {
                running.add(threads.submit(() -> {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        action.accept(i);
                    }
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the load generator failed", e.getCause());
        }
    }

    private Request.Builder request(String path) {
        return to(tasks + path);
    }

    private Request.Builder to(String url) {
        return new Request.Builder().url(url).header("Authorization", authorization);
    }

    private String send(Request.Builder request) {
        Request built = request.build();
        try (Response response = http.newCall(built).execute()) {
            String body = response.body().string();
            if (!response.isSuccessful()) {
                throw new IllegalStateException(
                        built.method() + " " + built.url() + " was answered " + response.code());
            }
            return body;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
