package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.task.TaskJson;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all Tasks of one namespace, or of all: a list in pages, then a watch from where the list ended, for ever. A watch that ends is
 * taken up where it ended; one that cannot be (410) starts with a new list. What the list no longer holds was deleted. An object that
 * cannot be read is skipped and logged, and stops nothing. Where the API server refuses, that is said, and tried again for ever.
 */
public final class TaskReflector implements WatchState, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskReflector.class);
    private static final int GONE = 410;
    /** A watch that sends nothing for so long is dead: there is a bookmark about every minute. */
    public static final Duration LONGEST_SILENCE = Duration.ofMinutes(3);

    /** How long the watch may take to pass a version by itself before a list is dearer than the wait. */
    private static final Duration EVENT_WAIT = Duration.ofMillis(100);

    /** Up to so many Tasks a new list is quicker than a bookmark. */
    private static final int MAX_QUICK_LIST = 2_000;

    /** A bookmark comes 2 s before a watch ends, and about once a minute. */
    private static final int SHORT_WATCH_SECONDS = 3;

    private static final int WATCH_SECONDS = 300;

    private static final String RESOURCE = "tasks.taskqueue.dev";
    /** An API server that has just started refuses what it will allow in a moment. */
    private static final int MIN_REFUSALS = 4;

    /** Who is told. All on the reflector's one thread. */
    public interface Sink {
        /** The object exists, as it is here. */
        void seen(JsonNode task, int listing);

        void deleted(JsonNode task);

        /** A list is complete: what of this namespace was not seen in it exists no more. */
        void listed(String namespace, int listing);
    }

    private final ApiClient api;
    private final String namespace;
    private final Sink sink;
    private final ReflectorBackoff backoff;
    private final Duration longestSilence;
    private final Thread thread;

    private volatile boolean closed;
    private volatile boolean synced;
    private volatile ApiClient.@Nullable Watch openWatch;
    private volatile Optional<Refusal> refusal = Optional.empty();

    private final WatchProgress progress = new WatchProgress();
    /** Somebody waits until this resourceVersion is passed, and the watch does not do it by itself. */
    private volatile long catchUpTo;
    /** How many Tasks the last list had. */
    private int listedCount;

    private int listing;
    private final AtomicInteger refusals = new AtomicInteger();
    /** Whether no watch has told anything since the last list. */
    private boolean isFresh;

    /**
     * One that begins with {@link #start}.
     *
     * @param namespace empty = all
     * @param longestSilence after which a watch is taken up again
     */
    public TaskReflector(
            ApiClient api, String namespace, Sink sink, ReflectorBackoff backoff, Duration longestSilence) {
        this.api = api;
        this.namespace = namespace;
        this.sink = sink;
        this.backoff = backoff;
        this.longestSilence = longestSilence;
        this.thread = Thread.ofPlatform()
                .name("tasks-" + (namespace.isEmpty() ? "all" : namespace))
                .daemon()
                .unstarted(this::follow);
    }

    public void start() {
        thread.start();
    }

    /**
     * Returns once every change up to this resourceVersion has been told. Where the watch has nothing to tell by which it would pass the
     * version, a new list does it, or where there are many Tasks the bookmark of a short watch.
     */
    public void catchUp(long version) throws InterruptedException {
        if (!progress.await(version, EVENT_WAIT)) {
            catchUpTo = version;
            restartWatch();
            progress.await(version);
        }
    }

    /** The API server answers others: where this one rests, it asks again at once. */
    public void wake() {
        if (refusals.get() == 0) {
            backoff.wake();
        }
    }

    private void restartWatch() {
        ApiClient.Watch open = openWatch;
        if (open != null) {
            open.cancel();
        }
        backoff.wake();
    }

    private void reached(String version) {
        try {
            progress.reached(Long.parseLong(version));
        } catch (NumberFormatException none) {
            LOG.debug("The API server sent {} as a resourceVersion", version);
        }
    }

    @Override
    public String namespace() {
        return namespace;
    }

    @Override
    public boolean isSynced() {
        return synced;
    }

    @Override
    public Optional<Refusal> refusal() {
        return refusal;
    }

    @Override
    public void close() {
        closed = true;
        progress.close();
        thread.interrupt();
        ApiClient.Watch open = openWatch;
        if (open != null) {
            open.cancel();
        }
    }

    private void follow() {
        @Nullable String version = null;
        while (!closed) {
            try {
                boolean isBehind = isBehind();
                version = version == null || (isBehind && listedCount <= MAX_QUICK_LIST)
                        ? list()
                        : watch(version, isBehind ? SHORT_WATCH_SECONDS : WATCH_SECONDS);
            } catch (RefusedException refused) {
                refused(version == null ? "list" : "watch", refused.code);
            } catch (IOException | RuntimeException failure) {
                if (!closed) {
                    LOG.warn("Following Tasks was interrupted and goes on in a moment: {}", failure.toString());
                    backoff.rest();
                }
            }
        }
    }

    private boolean isBehind() {
        return !progress.hasReached(catchUpTo);
    }

    /** Not for anything that passes by itself, such as an API server that is starting. */
    private void refused(String verb, int code) {
        if (code == GONE) {
            backoff.reset();
        } else if (Refusal.isRefusal(code)) {
            if (refusals.incrementAndGet() >= MIN_REFUSALS) {
                refusal = Optional.of(new Refusal(verb, RESOURCE, code));
            }
        } else {
            LOG.warn("The API server answered {} to {} Tasks; it is asked again in a moment", code, verb);
        }
        backoff.rest();
    }

    private void answered() {
        refusals.set(0);
        refusal = Optional.empty();
        backoff.reset();
    }

    /** Returns the resourceVersion from which to watch. */
    private String list() throws IOException {
        listing++;
        listedCount = 0;
        String version = api.list(namespace, "", task -> {
            listedCount++;
            guarded(task, () -> sink.seen(task, listing));
        });
        sink.listed(namespace, listing);
        answered();
        reached(version);
        synced = true;
        isFresh = true;
        return version;
    }

    /** Watches until the watch ends; returns where to go on, or null when only a new list helps. */
    private @Nullable String watch(String from, int seconds) throws IOException {
        String version = from;
        String query = "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds + "&resourceVersion=" + from;
        try (ApiClient.Watch watch = api.watch(namespace, query, longestSilence)) {
            openWatch = watch;
            if (seconds == WATCH_SECONDS && isBehind()) {
                // Somebody has begun to wait meanwhile.
                return version;
            }
            answered();
            boolean heard = false;
            for (Optional<byte[]> line = watch.next(); !closed && line.isPresent(); line = watch.next()) {
                if (line.get().length == 0) {
                    continue;
                }
                heard = true;
                JsonNode event = TaskJson.tree(line.get());
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
                isFresh = false;
                reached(version);
            }
            if (!heard && !closed) {
                // Whatever ends each watch at once is not to be asked as fast as it answers.
                backoff.rest();
            }
            return version;
        } catch (JsonProcessingException garbage) {
            // What the line would have told is lost, unless a list tells it.
            LOG.warn("The watch of Tasks sent a line that is no JSON; a new list follows");
            backoff.rest();
            return null;
        } catch (RefusedException refused) {
            if (refused.code == GONE) {
                return tooOld();
            }
            throw refused;
        } catch (IOException broken) {
            if (!closed && !isBehind()) {
                LOG.info("The watch of Tasks broke and is taken up again: {}", broken.toString());
                backoff.rest();
            }
            return version;
        } finally {
            openWatch = null;
        }
    }

    private @Nullable String afterError(JsonNode status) throws IOException {
        if (status.path("code").asInt() == GONE) {
            return tooOld();
        }
        throw new IOException(
                "the API server ended the watch with " + status.path("code").asInt());
    }

    /** A new list follows at once; not where the version is that of a list, since then the next one may end likewise. */
    private @Nullable String tooOld() {
        LOG.info("The watch of Tasks is too old to go on; a new list follows");
        backoff.reset();
        if (isFresh) {
            backoff.rest();
        }
        return null;
    }

    public static void guarded(JsonNode task, Runnable action) {
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
}
