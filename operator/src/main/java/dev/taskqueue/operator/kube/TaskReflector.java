package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all Tasks of one namespace, or of all: a list in pages, then a watch from where the list ended, for ever. A watch that ends is
 * taken up where it ended; one that cannot be (410) starts with a new list. What the list no longer holds was deleted. An object that
 * cannot be read is skipped and logged, and stops nothing.
 */
final class TaskReflector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskReflector.class);
    private static final int GONE = 410;
    /** A watch that sends nothing for so long is dead: there is a bookmark about every minute. */
    static final Duration LONGEST_SILENCE = Duration.ofMinutes(3);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** Who is told. All on the reflector's one thread. */
    interface Sink {
        /** The object exists, as it is here. */
        void seen(JsonNode task, int listing);

        void deleted(JsonNode task);

        /** A list is complete: what of this namespace was not seen in it exists no more. */
        void listed(String namespace, int listing);
    }

    private final ApiServer api;
    private final String namespace;
    private final Sink sink;
    private final RandomGenerator random;
    private final Duration longestSilence;
    private final CountDownLatch synced = new CountDownLatch(1);
    private final Thread thread;

    private volatile boolean closed;
    private volatile ApiServer.@Nullable Watch watching;
    /** Every change up to this resourceVersion has been told. */
    private volatile long reached;

    private int listing;
    private Duration pause = FIRST_PAUSE;

    /**
     * One that begins with {@link #start}.
     *
     * @param namespace empty = all
     * @param longestSilence after which a watch is taken up again
     */
    TaskReflector(ApiServer api, String namespace, Sink sink, RandomGenerator random, Duration longestSilence) {
        this.api = api;
        this.namespace = namespace;
        this.sink = sink;
        this.random = random;
        this.longestSilence = longestSilence;
        this.thread = Thread.ofPlatform()
                .name("tasks-" + (namespace.isEmpty() ? "all" : namespace))
                .daemon()
                .unstarted(this::follow);
    }

    void start() {
        thread.start();
    }

    /** Whether every change up to this resourceVersion has been told. */
    boolean hasReached(long version) {
        return reached >= version;
    }

    private void reached(String version) {
        try {
            reached = Long.parseLong(version);
        } catch (NumberFormatException none) {
            LOG.debug("The API server sent {} as a resourceVersion", version);
        }
    }

    boolean isSynced() {
        return synced.getCount() == 0;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        ApiServer.Watch open = watching;
        if (open != null) {
            open.cancel();
        }
    }

    private void follow() {
        @Nullable String version = null;
        while (!closed) {
            try {
                if (version == null) {
                    version = list();
                    synced.countDown();
                }
                version = watch(version);
            } catch (IOException | RuntimeException failure) {
                if (!closed) {
                    LOG.warn("Following Tasks was interrupted and goes on in a moment: {}", failure.toString());
                    rest();
                }
            }
        }
    }

    /** Returns the resourceVersion from which to watch. */
    private String list() throws IOException {
        listing++;
        String version = api.list(namespace, "", task -> guarded(task, () -> sink.seen(task, listing)));
        sink.listed(namespace, listing);
        pause = FIRST_PAUSE;
        reached(version);
        return version;
    }

    /** Watches until the watch ends; returns where to go on, or null when only a new list helps. */
    private @Nullable String watch(String from) throws IOException {
        String version = from;
        // The server picks a time between this and its double, and sends a bookmark about every minute.
        String query = "?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=" + from;
        try (ApiServer.Watch watch = api.watch(namespace, query, longestSilence)) {
            watching = watch;
            boolean heard = false;
            for (Optional<byte[]> line = watch.next(); !closed && line.isPresent(); line = watch.next()) {
                if (line.get().length == 0) {
                    continue;
                }
                heard = true;
                JsonNode event = TaskReader.tree(line.get());
                JsonNode object = event.path("object");
                switch (event.path("type").asText()) {
                    case "ADDED", "MODIFIED" -> guarded(object, () -> sink.seen(object, listing));
                    case "DELETED" -> guarded(object, () -> sink.deleted(object));
                    case "BOOKMARK" -> {}
                    default -> {
                        return afterError(object);
                    }
                }
                version = object.path("metadata").path("resourceVersion").asText(version);
                reached(version);
                pause = FIRST_PAUSE;
            }
            if (!heard && !closed) {
                // Whatever ends each watch at once is not to be asked as fast as it answers.
                rest();
            }
            return version;
        } catch (JsonProcessingException garbage) {
            // What the line would have told is lost, unless a list tells it.
            LOG.warn("The watch of Tasks sent a line that is no JSON; a new list follows");
            rest();
            return null;
        } catch (ApiServer.Refused refused) {
            if (refused.code == GONE) {
                rest();
                return null;
            }
            throw refused;
        } catch (IOException broken) {
            if (!closed) {
                LOG.info("The watch of Tasks broke and is taken up again: {}", broken.toString());
                rest();
            }
            return version;
        } finally {
            watching = null;
        }
    }

    private @Nullable String afterError(JsonNode status) throws IOException {
        if (status.path("code").asInt() == GONE) {
            LOG.info("The watch of Tasks is too old to go on; a new list follows");
            rest();
            return null;
        }
        throw new IOException(
                "the API server ended the watch with " + status.path("code").asInt());
    }

    private static void guarded(JsonNode task, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException failure) {
            JsonNode metadata = task.path("metadata");
            LOG.error(
                    "Task {}/{} could not be taken in; all others go on",
                    metadata.path("namespace").asText(),
                    metadata.path("name").asText(),
                    failure);
        }
    }

    private void rest() {
        try {
            TimeUnit.NANOSECONDS.sleep((long) (pause.toNanos() * (1 + random.nextDouble())));
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
    }
}
