package dev.taskqueue.operator.oracle;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that a worker has received. */
final class Request {
    /** {@link #code} until it is known. */
    static final int UNKNOWN = -1;

    final long id;
    final long at;
    /** The earliest time at which its sender can have decided to send it. */
    final long decidedAt;

    final TaskModel task;
    final ProcessModel sender;
    final String method;
    final String path;
    final int bodySize;
    final @Nullable Integer bodyHash;
    /** The number of the attempt in its round; 0 if the header is missing. */
    final int number;
    /** The wall clock of the sender at the reception is between these two. */
    final long earliestWall;

    final long latestWall;
    /** Dropped once the rules have seen it. */
    @Nullable Map<String, String> headers;

    int round;
    /** A {@code run-now} made it leave, or may have done so: limits, pause and schedule do not apply. */
    boolean runNow;
    /** Whether a person has asked for an attempt before it left, so that it may be that one. */
    boolean mayBeRunNow;
    /** The earliest time at which they may have done so. */
    long runNowSetAt = Values.NEVER;

    /** When its sender gives it up and its slot is free, if that does not wait for a write: that of an item. */
    long timesOutAt = Values.NEVER;

    long answeredAt = Values.NEVER;
    int code = UNKNOWN;
    /** The pause that the worker asked for. */
    long retryAfter;

    /** @param wire how long ago it may have been decided */
    Request(Fact.Received fact, TaskModel task, ProcessModel sender, int number, long[] wall, long wire) {
        this.id = fact.id();
        this.at = Values.nanos(fact.at());
        this.decidedAt = at - wire;
        this.task = task;
        this.sender = sender;
        this.number = number;
        this.method = fact.method();
        this.path = fact.path();
        this.bodySize = fact.bodySize();
        this.bodyHash = fact.bodyHash();
        this.earliestWall = wall[0];
        this.latestWall = wall[1];
        this.headers = fact.headers();
    }

    boolean answered() {
        return code != UNKNOWN;
    }

    boolean succeeded() {
        return code >= 200 && code < 300;
    }

    String header(String name) {
        return headers == null ? "" : headers.getOrDefault(name, "");
    }

    @Nullable String headerOrNull(String name) {
        return headers == null ? null : headers.get(name);
    }

    @Override
    public String toString() {
        return "request " + id + " of " + task.key;
    }
}
