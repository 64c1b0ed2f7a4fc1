package dev.taskqueue.operator.testing;

import java.util.Map;
import java.util.TreeMap;

/** The number of requests that the operators of one account have sent so far, from the API server's audit log. Requests of others do not count. */
public final class ApiRequests {
    private final Map<String, Long> counts;
    private final long denied;

    ApiRequests(Map<String, Long> counts, long denied) {
        this.counts = new TreeMap<>(counts);
        this.denied = denied;
    }

    /** The key under which one kind of request is counted. */
    static String kind(String verb, String resource) {
        return verb + " " + resource;
    }

    /** The number of requests of a kind, with any result; a resource such as {@code tasks.taskqueue.dev/status}. */
    public long count(String verb, String resource) {
        return counts.getOrDefault(kind(verb, resource), 0L);
    }

    /** Deletions of single Tasks. */
    public long taskDeletions() {
        return count("delete", "tasks.taskqueue.dev");
    }

    /** Writes of the status of Tasks. */
    public long taskStatusPatches() {
        return count("patch", "tasks.taskqueue.dev/status");
    }

    /** Writes of the status of TaskQueues. */
    public long queueStatusPatches() {
        return count("patch", "taskqueues.taskqueue.dev/status");
    }

    /** Writes of all kinds to Tasks and their status. */
    public long taskWrites() {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey()
                        .matches("(create|update|patch|delete|deletecollection) tasks\\.taskqueue\\.dev(/status)?"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Requests that the account had no right to make. */
    public long denied() {
        return denied;
    }
}
