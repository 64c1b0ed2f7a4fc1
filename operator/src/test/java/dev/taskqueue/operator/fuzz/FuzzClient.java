package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taskqueue.operator.testing.ApiServerTrust;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Plain requests to the API server, for the objects of one namespace. Unlike a Kubernetes client, it sends any JSON as it is, and shows every answer:
 * it repeats no request.
 */
final class FuzzClient implements AutoCloseable {
    private static final String API = "/apis/taskqueue.dev/v1beta1/namespaces/";
    private static final int NO_ANSWER = 0;
    private static final Set<Integer> BUSY = Set.of(NO_ANSWER, 429, 503, 504);
    private static final int REQUESTS_AT_ONCE = 12;
    /** More than the API server reads. */
    private static final int DEEPEST = 20_000;
    /** Escapes characters that UTF-8 cannot encode, such as half of a surrogate pair. */
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .streamWriteConstraints(StreamWriteConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private final HttpClient http;
    private final String server;
    private final String namespace;
    private final String authorization;

    /** An answer; its body is a missing node where it is no JSON. */
    record Reply(int code, JsonNode body, String text) {
        boolean isSuccess() {
            return code / 100 == 2;
        }

        /** Whether the API server could not answer, or not in time, which says nothing about the object. */
        boolean isBusy() {
            return BUSY.contains(code);
        }
    }

    FuzzClient(String kubeconfig, String namespace) {
        Config config = Config.fromKubeconfig(kubeconfig);
        http = HttpClient.newBuilder()
                .sslContext(ApiServerTrust.of(config).context())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        server = config.getMasterUrl().replaceAll("/$", "");
        authorization = "Bearer " + config.getAutoOAuthToken();
        this.namespace = namespace;
    }

    static String write(JsonNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    Reply create(String kind, JsonNode object, boolean strict) {
        String query = strict ? "?fieldValidation=Strict" : "";
        return send("POST", API + namespace + "/" + plural(kind) + query, "application/json", write(object));
    }

    Reply patch(String kind, String name, JsonNode patch) {
        return send("PATCH", path(kind, name), "application/merge-patch+json", write(patch));
    }

    Reply delete(String kind, String name) {
        return send("DELETE", path(kind, name), "application/json", "");
    }

    /** All objects of a kind. */
    List<JsonNode> list(String kind) {
        return items(API + namespace + "/" + plural(kind));
    }

    String events() {
        return send("GET", "/api/v1/namespaces/" + namespace + "/events", "application/json", "")
                .text();
    }

    private List<JsonNode> items(String path) {
        Reply reply = send("GET", path, "application/json", "");
        if (reply.isBusy()) {
            return items(path);
        }
        if (!reply.isSuccess()) {
            throw new IllegalStateException("GET " + path + " was answered " + reply.code());
        }
        var items = new ArrayList<JsonNode>();
        reply.body().path("items").forEach(items::add);
        return items;
    }

    private String path(String kind, String name) {
        return API + namespace + "/" + plural(kind) + "/" + name;
    }

    private static String plural(String kind) {
        return CrdSchema.plural(kind);
    }

    private Reply send(String method, String path, String type, String body) {
        BodyPublisher content = body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + path))
                .method(method, content)
                .header("Authorization", authorization)
                .header("Content-Type", type)
                .build();
        try {
            var response = http.send(request, BodyHandlers.ofString());
            return new Reply(response.statusCode(), parse(response.body()), response.body());
        } catch (IOException lost) {
            // The API server may close a connection just when it is used again. Whether it got the request is not
            // known.
            return new Reply(NO_ANSWER, MissingNode.getInstance(), lost.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException noJson) {
            return MissingNode.getInstance();
        }
    }

    /** Runs an action for each item, several at once, and returns when all have ended. */
    <T> void forEach(List<T> items, Consumer<T> action) {
        var slots = new Semaphore(REQUESTS_AT_ONCE);
        var running = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (T item : items) {
                slots.acquire();
                running.add(threads.submit(() -> {
                    try {
                        action.accept(item);
                    } finally {
                        slots.release();
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a request failed", e.getCause());
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
