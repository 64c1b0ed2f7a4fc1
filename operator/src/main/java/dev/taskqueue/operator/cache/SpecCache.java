package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.task.TaskObject;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The memory that may hold specs of Tasks that came in when they were due already, so that they need not be read again. Each hangs on its Task's
 * record; this counts them, and where the budget runs out, lets go of the oldest: those are read from the API server when their turn comes.
 */
public final class SpecCache {
    /** What a Task without its body takes, headers and all, on average. */
    private static final long OVERHEAD = 1500;

    private final Set<CachedSpec> held = new LinkedHashSet<>();
    private final long budget;
    private long bytes;

    /** A spec that is kept, until it is taken or the budget runs out. */
    static final class CachedSpec {
        private final long size;
        private @Nullable TaskObject task;

        private CachedSpec(TaskObject task) {
            this.task = task;
            this.size = size(task);
        }
    }

    /**
     * An empty cache.
     *
     * @param budget bytes, about
     */
    public SpecCache(long budget) {
        this.budget = budget;
    }

    public synchronized CachedSpec hold(TaskObject task) {
        var payload = new CachedSpec(task);
        held.add(payload);
        bytes += payload.size;
        var eldest = held.iterator();
        while (bytes > budget) {
            CachedSpec gone = eldest.next();
            eldest.remove();
            bytes -= gone.size;
            gone.task = null;
        }
        return payload;
    }

    /** Hands it out and forgets it; null where it had to go. */
    synchronized @Nullable TaskObject take(CachedSpec payload) {
        if (held.remove(payload)) {
            bytes -= payload.size;
        }
        TaskObject task = payload.task;
        payload.task = null;
        return task;
    }

    /** Bytes of memory that it takes, about. */
    public static long size(TaskObject task) {
        HttpRequest request = task.spec() == null ? null : task.spec().httpRequest();
        return request == null ? OVERHEAD : OVERHEAD + length(request.body()) + length(request.bodyBase64());
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
