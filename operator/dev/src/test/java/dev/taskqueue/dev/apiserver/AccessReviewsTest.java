package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessReviewsTest {
    private static final String REVIEWS = "/" + AccessReviews.PATH;

    private final EmbeddedApiServer server = EmbeddedApiServer.start(0, InstantSource.system());
    private final Http http = new Http(server.url());

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    @Test
    void everyCallerMayDoEverything() {
        Http.Reply reply = http.post(
                REVIEWS,
                "spec: {resourceAttributes: {group: taskqueue.dev, verb: patch, resource: tasks, namespace: default}}");
        assertThat(reply.code()).isEqualTo(201);
        assertThat(reply.body().at("/status/allowed").asBoolean()).isTrue();
        assertThat(reply.body().at("/spec/resourceAttributes/verb").asText()).isEqualTo("patch");
    }

    @Test
    void whatIsNoReviewIsRefused() {
        assertThat(http.post(REVIEWS, "{}").code()).isEqualTo(400);
        assertThat(http.get(REVIEWS).code()).isEqualTo(405);
    }

    @Test
    void filesBesideTheApiAreForThisMachineOnly() {
        server.serve("/files/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        assertThat(status("/files/", "http://evil.example")).isEqualTo(403);
        assertThat(status("/files/", server.url())).isEqualTo(204);
    }

    private int status(String path, String origin) {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(server.url() + path))
                    .header("Origin", origin)
                    .build();
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
