package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.domain.TaskId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The specs of Tasks that came in when they were due already, kept until they leave so that they need not be read again. Within a budget:
 * where it runs out, the oldest go, and are read from the API server when their turn comes.
 */
final class Payloads {
    /** What a Task without its body takes, headers and all, on average. */
    private static final long OVERHEAD = 1500;

    private final Map<TaskId, Entry> entries = new LinkedHashMap<>();
    private final long budget;
    private long held;

    private record Entry(TaskObject task, long size) {}

    /** @param budget bytes, about */
    Payloads(long budget) {
        this.budget = budget;
    }

    synchronized void put(TaskObject task) {
        var entry = new Entry(task, size(task));
        Entry before = entries.put(task.id(), entry);
        held += entry.size() - (before == null ? 0 : before.size());
        var eldest = entries.values().iterator();
        while (held > budget) {
            held -= eldest.next().size();
            eldest.remove();
        }
    }

    /** Bytes of memory that it takes, about. */
    static long size(TaskObject task) {
        HttpRequest request = task.spec() == null ? null : task.spec().httpRequest();
        return request == null ? OVERHEAD : OVERHEAD + length(request.body()) + length(request.bodyBase64());
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /** Hands it out, once. */
    synchronized @Nullable TaskObject take(TaskId task) {
        Entry entry = entries.remove(task);
        if (entry == null) {
            return null;
        }
        held -= entry.size();
        return entry.task();
    }
}
