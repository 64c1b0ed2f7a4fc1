package dev.taskqueue.operator.write;

import java.time.Duration;

/** The kinds of writes to Tasks. Each has trouble, a line in the log and a series of the metric of its own. */
public enum WriteKind {
    /** The result of an attempt, or the end. */
    OUTCOME("outcome", "PATCH of status", "patch tasks/status", Duration.ofSeconds(2)),
    /** The annotation that says on the object itself how the Task ended. */
    COMPLETED_ANNOTATION("completed-note", "PATCH of metadata", "patch tasks", Duration.ofSeconds(2)),
    /** The delete of a Task of which nothing is kept. */
    END_BY_DELETE("end-by-delete", "DELETE", "delete tasks", Duration.ofSeconds(2)),
    /** The delete of a Task that succeeded and to which nothing can be written. */
    RESCUE_DELETE("rescue-delete", "DELETE", "delete tasks", Duration.ZERO),
    DEAD_LETTER("dead-letter", "POST", "create tasks", Duration.ofSeconds(30)),
    WAITING_STATUS("waiting-status", "PATCH of status", "patch tasks/status", Duration.ZERO),
    CLAIM("claim", "PATCH of status", "patch tasks/status", Duration.ZERO),
    /** A claim for what this process leaves in flight: it hurries. */
    LAST_CLAIM("claim", "PATCH of status", "patch tasks/status", Duration.ZERO),
    REDRIVE("redrive", "PATCH of status", "patch tasks/status", Duration.ZERO),
    DELETE("delete", "DELETE", "delete tasks", Duration.ZERO);

    /** The label of the metric. */
    final String label;

    private final String verb;
    private final String permission;
    /** How long 403 is taken for something that passes. Zero where the caller tries again by itself. */
    final Duration forbiddenGrace;

    WriteKind(String label, String verb, String right, Duration forbiddenPasses) {
        this.label = label;
        this.verb = verb;
        this.permission = right;
        this.forbiddenGrace = forbiddenPasses;
    }

    /** Whether one that is refused waits, and comes again. */
    boolean isRepeatedAfterRefusal() {
        return switch (this) {
            case OUTCOME, END_BY_DELETE, REDRIVE, DELETE -> true;
            case COMPLETED_ANNOTATION, RESCUE_DELETE, DEAD_LETTER, WAITING_STATUS, CLAIM, LAST_CLAIM -> false;
        };
    }

    /** What is done and which right it needs, for people. */
    String request() {
        return verb + ", which needs the right to " + permission + " of taskqueue.dev";
    }
}
