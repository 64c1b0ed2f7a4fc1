package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lists and watches the queues of one namespace, or of all, and keeps them in a {@link QueueCache}. While it cannot, the cache is empty. */
public final class QueueWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueWatcher.class);
    private static final Duration LIST_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final ClusterClient api;
    private final ClusterTransport transport;
    private final QueueCache cache;
    private final @Nullable String namespace;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean synced;
    private volatile ClusterTransport.@Nullable Watch watch;

    /** @param namespace null = all */
    public QueueWatcher(ClusterClient api, ClusterTransport transport, QueueCache cache, @Nullable String namespace) {
        this.api = api;
        this.transport = transport;
        this.cache = cache;
        this.namespace = namespace;
        this.thread = Thread.ofVirtual().name("queues " + scope()).unstarted(this::run);
    }

    /** Starts to watch. */
    public void start() {
        thread.start();
    }

    /** Whether the first list was tried: with or without an answer, calls can be served, as unknown queues are read. */
    public boolean isSynced() {
        return synced;
    }

    private String scope() {
        return namespace == null ? "of all namespaces" : "of " + namespace;
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        while (!closed) {
            try {
                String version = list();
                synced = true;
                pause = FIRST_PAUSE;
                follow(version);
            } catch (IOException | RuntimeException failure) {
                synced = true;
                if (!closed) {
                    LOG.warn("The queues {} are not watched: {}. Trying again", scope(), failure.getMessage());
                }
            }
            forget();
            if (!sleep(pause)) {
                return;
            }
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
        }
    }

    private void forget() {
        if (namespace == null) {
            cache.clear();
        } else {
            cache.clear(namespace);
        }
    }

    private boolean sleep(Duration pause) {
        try {
            Thread.sleep(pause);
            return !closed;
        } catch (InterruptedException stopping) {
            return false;
        }
    }

    private String list() throws IOException {
        ClusterReply reply = api.get(CallContext.within(Caller.OWN, LIST_TIMEOUT), ClusterPaths.queues(namespace));
        if (!reply.isOk()) {
            throw new IOException("the API server answers " + reply.code() + " to the list: " + reply.message());
        }
        reply.body().path("items").forEach(cache::put);
        return reply.body().path("metadata").path("resourceVersion").asText();
    }

    private void follow(String listed) throws IOException {
        String version = listed;
        while (!closed) {
            String path = ClusterPaths.queues(namespace) + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&"
                    + ClusterPaths.parameter("resourceVersion", version);
            try (ClusterTransport.Watch events = transport.watch(path)) {
                watch = events;
                Optional<String> line = closed ? Optional.empty() : events.next();
                while (line.isPresent() && !closed) {
                    JsonNode event = read(line.get());
                    take(event);
                    version = event.path("object")
                            .path("metadata")
                            .path("resourceVersion")
                            .asText(version);
                    line = events.next();
                }
            }
        }
    }

    private static JsonNode read(String line) throws IOException {
        try {
            return ObjectJson.MAPPER.readTree(line);
        } catch (JsonProcessingException cut) {
            throw new IOException("an event was cut", cut);
        }
    }

    private void take(JsonNode event) throws IOException {
        JsonNode object = event.path("object");
        switch (event.path("type").asText()) {
            case "ADDED", "MODIFIED" -> cache.put(object);
            case "DELETED" ->
                cache.remove(
                        QueueCache.namespace(object),
                        object.path("metadata").path("name").asText());
            case "BOOKMARK" -> {}
            default ->
                throw new IOException(
                        "the watch ends: " + object.path("message").asText());
        }
    }

    /** Ends the watch, and returns once the cache has nothing of it. */
    void closeAndForget() {
        close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException stopping) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        ClusterTransport.Watch open = watch;
        if (open != null) {
            open.close();
        }
        thread.interrupt();
    }
}
