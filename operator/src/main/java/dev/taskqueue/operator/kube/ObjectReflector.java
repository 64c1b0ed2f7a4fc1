package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.task.TaskJson;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all objects of one kind in one namespace, or in all namespaces. It lists them in pages, and then watches from the version of the list. When a watch ends,
 * the next one begins where it ended; if that is not possible (410), a new list begins. An object that the list no longer holds was deleted. An object
 * that cannot be read is logged and skipped. If the API server refuses, the reflector reports that as its {@link #refusal}, and tries again for
 * ever.
 */
public final class ObjectReflector implements WatchState, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectReflector.class);
    private static final int GONE = 410;
    /** A watch that sends nothing for this time is dead: there is a bookmark about every minute. */
    public static final Duration LONGEST_SILENCE = Duration.ofMinutes(3);

    /** How long to wait for the watch to pass a version by itself. A longer wait would cost more than a new list. */
    private static final Duration EVENT_WAIT = Duration.ofMillis(100);

    /** Up to this many Tasks a new list is quicker than a bookmark. */
    private static final int MAX_QUICK_LIST = 2_000;

    /** A bookmark comes 2 s before a watch ends, and about once a minute. */
    private static final int SHORT_WATCH_SECONDS = 3;

    private static final int WATCH_SECONDS = 300;

    /** Receives the objects, on the thread of the reflector. */
    public interface Sink {
        /** The object exists as shown here. */
        void seen(JsonNode task, int listing);

        void deleted(JsonNode task);

        /** A list is complete: a Task of this namespace that was not seen in it no longer exists. */
        void listed(String namespace, int listing);
    }

    private final ApiClient api;
    private final ResourceKind kind;
    private final String namespace;
    private final Sink sink;
    private final ReflectorBackoff backoff;
    private final Duration longestSilence;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;
    private volatile boolean synced;
    private volatile ApiTransport.@Nullable Watch openWatch;
    private final ReflectorFailures failures;

    private final WatchProgress progress;
    private final SilentWatchDetector silence;
    /** The number of Tasks in the last list. */
    private int listedCount;

    private int listing;
    /** Whether no watch has sent an event since the last list. */
    private boolean isFresh;

    /**
     * A reflector that begins with {@link #start}.
     *
     * @param namespace empty = all
     * @param longestSilence the time without data after which a watch is restarted
     */
    public ObjectReflector(
            ApiClient api, String namespace, Sink sink, ReflectorBackoff backoff, Duration longestSilence) {
        this(api, ResourceKind.TASKS, namespace, sink, backoff, longestSilence);
    }

    /** The same for any kind. */
    public ObjectReflector(
            ApiClient api,
            ResourceKind kind,
            String namespace,
            Sink sink,
            ReflectorBackoff backoff,
            Duration longestSilence) {
        this.api = api;
        this.kind = kind;
        this.namespace = namespace;
        this.sink = sink;
        this.backoff = backoff;
        this.longestSilence = longestSilence;
        this.progress = new WatchProgress(backoff.sleeper());
        this.failures = new ReflectorFailures(kind.plural() + ".taskqueue.dev", namespace);
        this.silence = new SilentWatchDetector(progress);
    }

    /** Starts to list and watch. Returns at once. */
    public void start(ThreadFactory threads) {
        Thread own = threads.newThread(this::follow);
        own.setName(kind.plural() + "-" + (namespace.isEmpty() ? "all" : namespace));
        thread = own;
        own.start();
    }

    /**
     * Waits until the sink has received every change up to this resourceVersion. If the watch has no event that passes the version, a new list passes
     * it, or if there are many Tasks the bookmark of a short watch.
     */
    public void catchUp(long version) throws InterruptedException {
        if (!progress.await(version, EVENT_WAIT)) {
            progress.want(version);
            restartWatch();
            progress.await(version);
        }
    }

    /** Whether the sink has received every change up to this resourceVersion. If not, the watch is restarted, so that it soon will have. */
    public boolean hasSeen(long version) {
        boolean isSeen = synced && progress.hasReached(version);
        if (!isSeen && progress.want(version)) {
            restartWatch();
        }
        return isSeen;
    }

    /** To be called about every second. A watch that does not show for 30 s what this process has written begins again where it was. */
    public void checkSilence() {
        if (silence.check(api.lastWrites(kind).in(namespace))) {
            LOG.warn("The watch of {} does not show what was written 30 s ago; it begins again", kind.words());
            restartWatch();
        }
    }

    /** The API server answers others: if this reflector is in a pause, it asks again at once. */
    public void wake() {
        if (!failures.isRefused()) {
            backoff.wake();
        }
    }

    private void restartWatch() {
        ApiTransport.Watch open = openWatch;
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
        return failures.refusal();
    }

    @Override
    public Optional<String> failure() {
        return failures.failure();
    }

    @Override
    public void close() {
        closed = true;
        progress.close();
        Thread own = thread;
        if (own != null) {
            own.interrupt();
        }
        ApiTransport.Watch open = openWatch;
        if (open != null) {
            open.cancel();
        }
    }

    private void follow() {
        @Nullable String version = null;
        while (!closed) {
            try {
                boolean isBehind = progress.isBehind();
                version = version == null || (isBehind && listedCount <= MAX_QUICK_LIST)
                        ? list()
                        : watch(version, isBehind ? SHORT_WATCH_SECONDS : WATCH_SECONDS);
            } catch (RefusedException refused) {
                refused(version == null ? "list" : "watch", refused.code);
            } catch (IOException | RuntimeException failure) {
                if (!closed) {
                    failed(failure);
                    backoff.rest();
                }
            }
        }
    }

    private void refused(String verb, int code) {
        if (code == GONE) {
            backoff.reset();
        } else {
            failures.refused(verb, code);
        }
        backoff.rest();
    }

    private void failed(Exception cause) {
        LOG.debug("The list or watch of {} failed and is repeated in a moment", kind.words(), cause);
        failures.failed(cause);
    }

    private void answered() {
        failures.answered();
        backoff.reset();
    }

    /** Lists all objects. Returns the resourceVersion from which to watch. */
    private String list() throws IOException {
        listing++;
        listedCount = 0;
        String version = api.list(kind, namespace, "", task -> {
                    listedCount++;
                    guarded(task, () -> sink.seen(task, listing));
                })
                .version();
        sink.listed(namespace, listing);
        answered();
        reached(version);
        synced = true;
        isFresh = true;
        if (progress.isBehind()) {
            // The API server was set back to an earlier state, or its answer is not the newest one.
            backoff.rest();
        }
        return version;
    }

    /** Watches until the watch ends. Returns the version where the next watch begins; null if a new list is needed. */
    private @Nullable String watch(String from, int seconds) throws IOException {
        String version = from;
        String query = "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds + "&resourceVersion=" + from;
        try (ApiTransport.Watch watch = api.watch(kind, namespace, query, longestSilence)) {
            openWatch = watch;
            if (seconds == WATCH_SECONDS && progress.isBehind()) {
                // catchUp was called meanwhile.
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
                if (!handle(event.path("type").asText(), object)) {
                    return afterError(object);
                }
                version = object.path("metadata").path("resourceVersion").asText(version);
                isFresh = false;
                reached(version);
            }
            if (!heard && !closed) {
                // If something ends each watch at once, do not ask it as fast as it answers.
                backoff.rest();
            }
            return version;
        } catch (JsonProcessingException garbage) {
            // The event on this line is lost, so a list must show it.
            LOG.warn("The watch of {} sent a line that is not JSON; a new list follows", kind.words());
            backoff.rest();
            return null;
        } catch (RefusedException refused) {
            if (refused.code == GONE) {
                return tooOld();
            }
            throw refused;
        } catch (IOException broken) {
            if (!closed && !progress.isBehind()) {
                failed(broken);
                backoff.rest();
            }
            return version;
        } finally {
            openWatch = null;
        }
    }

    /** Hands over the object of an event. Returns false if the event is an error. */
    private boolean handle(String type, JsonNode object) {
        switch (type) {
            case "ADDED", "MODIFIED" -> guarded(object, () -> sink.seen(object, listing));
            case "DELETED" -> guarded(object, () -> sink.deleted(object));
            case "BOOKMARK" -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    private @Nullable String afterError(JsonNode status) throws IOException {
        if (status.path("code").asInt() == GONE) {
            return tooOld();
        }
        throw new IOException(
                "the API server ended the watch with " + status.path("code").asInt());
    }

    /** A new list begins at once. If the version was that of a list, it begins after a pause: the next watch may end in the same way. */
    private @Nullable String tooOld() {
        LOG.info("The watch of {} is too old to go on; a new list follows", kind.words());
        backoff.reset();
        if (isFresh) {
            backoff.rest();
        }
        return null;
    }

    /** Runs an action for one object; a failure is logged, and the other objects go on. */
    public static void guarded(JsonNode task, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException failure) {
            JsonNode metadata = task.path("metadata");
            LOG.error(
                    "{} {}/{} could not be handled; all others go on",
                    task.path("kind").asText("Task"),
                    metadata.path("namespace").asText(),
                    metadata.path("name").asText(),
                    failure);
        }
    }
}
