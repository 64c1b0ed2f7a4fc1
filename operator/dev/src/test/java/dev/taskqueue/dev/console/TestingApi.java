package dev.taskqueue.dev.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Creates objects with the statuses that a test needs. No operator runs, so they stay as they are. */
final class TestingApi implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final YAMLMapper YAML = new YAMLMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final String url;

    TestingApi(String url) {
        this.url = url;
    }

    /** Creates any object. */
    void post(String path, String yaml) {
        send("POST", path, yaml);
    }

    JsonNode read(String path) {
        return send("GET", path, "");
    }

    void namespace(String name) {
        send("POST", "/api/v1/namespaces", "metadata: {name: " + name + "}");
    }

    /** Creates a queue; spec and status are YAML. */
    void queue(String namespace, String name, String spec, String status) {
        create("taskqueues", namespace, "metadata: {name: %s}\nspec: %s".formatted(name, spec), name, status);
    }

    /** Creates a Task of a queue. */
    void task(String namespace, String name, String queue, String status) {
        create("tasks", namespace, """
                metadata: {name: %s, labels: {order: "4711"}}
                spec: {queueRef: {name: %s}, httpRequest: {serviceRef: {name: worker}, path: /a, body: "secret body"}}
                """.formatted(name, queue), name, status);
    }

    void batch(String namespace, String name, String queue, String status) {
        create("taskbatches", namespace, """
                metadata: {name: %s}
                spec: {queueRef: {name: %s}, template: {httpRequest: {serviceRef: {name: worker}}}, count: 10}
                """.formatted(name, queue), name, status);
    }

    private void create(String plural, String namespace, String yaml, String name, String status) {
        send("POST", path(plural, namespace), yaml);
        send("PATCH", path(plural, namespace) + "/" + name + "/status", "status: " + status);
    }

    JsonNode get(String plural, String namespace, String name) {
        return send("GET", path(plural, namespace) + "/" + name, "");
    }

    void patch(String plural, String namespace, String name, String yaml) {
        send("PATCH", path(plural, namespace) + "/" + name, yaml);
    }

    void status(String plural, String namespace, String name, String yaml) {
        send("PATCH", path(plural, namespace) + "/" + name + "/status", "status: " + yaml);
    }

    void delete(String plural, String namespace, String name) {
        send("DELETE", path(plural, namespace) + "/" + name, "");
    }

    private static String path(String plural, String namespace) {
        return "/apis/taskqueue.dev/v1beta1/namespaces/" + namespace + "/" + plural;
    }

    private JsonNode send(String method, String path, String yaml) {
        try {
            String json = yaml.isEmpty() ? "" : JSON.writeValueAsString(YAML.readTree(yaml));
            var request = HttpRequest.newBuilder(URI.create(url + path))
                    .method(method, BodyPublishers.ofString(json))
                    .header(
                            "Content-Type",
                            method.equals("PATCH") ? "application/merge-patch+json" : "application/json");
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() >= 300 && response.statusCode() != 404 && response.statusCode() != 409) {
                throw new IllegalStateException(method + " " + path + ": " + response.body());
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
