package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.JsonText;
import dev.taskqueue.operator.task.TaskObject;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the memory for specs of Tasks that were due when they were first seen. Such a spec is kept with the record of its Task, so that it need
 * not be read again. This class counts their bytes. When the budget is used up it drops the oldest: those are read from the API server when their
 * turn comes.
 */
public final class SpecCache {
    /** The average bytes of a Task without its body. */
    private static final long OVERHEAD = 1500;

    private final Set<CachedSpec> held = new LinkedHashSet<>();
    private final long budget;
    private long bytes;

    /** A spec that is kept until it is taken, or until the budget is used up. */
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
     * @param budget in bytes, approximately
     */
    public SpecCache(long budget) {
        this.budget = budget;
    }

    /** Keeps a spec, and drops the oldest ones if the budget is used up. */
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

    /** Returns a spec and forgets it; null if it was dropped. */
    synchronized @Nullable TaskObject take(CachedSpec payload) {
        if (held.remove(payload)) {
            bytes -= payload.size;
        }
        TaskObject task = payload.task;
        payload.task = null;
        return task;
    }

    /** The approximate bytes of memory that a Task takes. */
    public static long size(TaskObject task) {
        HttpRequest request = task.spec() == null ? null : task.spec().httpRequest();
        if (request == null) {
            return OVERHEAD;
        }
        JsonText json = request.json();
        return OVERHEAD
                + length(request.body())
                + length(request.bodyBase64())
                + length(json == null ? null : json.text());
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
