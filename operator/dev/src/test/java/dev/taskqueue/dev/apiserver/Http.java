package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.stream.Stream;

/** Sends plain requests, as curl does. */
final class Http implements AutoCloseable {
    static final String TASKS = "/apis/taskqueue.dev/v1beta1/namespaces/default/tasks";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;

    /** The answer. */
    record Reply(int code, JsonNode body, java.util.Map<String, java.util.List<String>> headers) {}

    Http(String url) {
        this.url = url;
    }

    Reply get(String path) {
        return send(request(path).GET());
    }

    Reply get(String path, String accept) {
        return getWith(path, "Accept", accept);
    }

    Reply getWith(String path, String header, String value) {
        return send(request(path).setHeader(header, value).GET());
    }

    Reply apply(String path, String yaml) {
        return send(request(path)
                .header("Content-Type", "application/apply-patch+yaml")
                .method("PATCH", BodyPublishers.ofString(yaml)));
    }

    Reply post(String path, String yaml) {
        return send(request(path).header("Content-Type", "application/yaml").POST(BodyPublishers.ofString(yaml)));
    }

    Reply put(String path, ObjectNode object) {
        return send(request(path).PUT(BodyPublishers.ofByteArray(Json.bytes(object))));
    }

    /** @param kind {@code merge-patch} and the like */
    Reply patch(String path, String kind, String yaml) {
        byte[] body = Json.bytes(Trees.of("{body: " + yaml + "}").path("body"));
        return send(request(path)
                .header("Content-Type", "application/" + kind + "+json")
                .method("PATCH", BodyPublishers.ofByteArray(body)));
    }

    /** A patch whose answer has that form. */
    Reply patch(String path, String kind, String yaml, String accept) {
        byte[] body = Json.bytes(Trees.of("{body: " + yaml + "}").path("body"));
        return send(request(path)
                .header("Content-Type", "application/" + kind + "+json")
                .setHeader("Accept", accept)
                .method("PATCH", BodyPublishers.ofByteArray(body)));
    }

    Reply delete(String path, String yaml) {
        return send(request(path).method("DELETE", BodyPublishers.ofByteArray(Json.bytes(Trees.of(yaml)))));
    }

    /** The events of a watch until it ends. */
    Stream<JsonNode> watch(String path) {
        return watch(path, "application/json");
    }

    Stream<JsonNode> watch(String path, String accept) {
        try {
            return client.send(request(path).setHeader("Accept", accept).GET().build(), BodyHandlers.ofLines())
                    .body()
                    .map(Trees::of);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupt) {
            throw new IllegalStateException(interrupt);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path));
    }

    private Reply send(HttpRequest.Builder request) {
        try {
            HttpResponse<byte[]> reply = client.send(request.build(), BodyHandlers.ofByteArray());
            return new Reply(
                    reply.statusCode(), Json.read(reply.body()), reply.headers().map());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupt) {
            throw new IllegalStateException(interrupt);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
