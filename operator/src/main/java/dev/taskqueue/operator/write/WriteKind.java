package dev.taskqueue.operator.write;

import dev.taskqueue.operator.kube.WriteAnswer;
import java.time.Duration;

/** The kinds of writes to Tasks and TaskBatches. Each has its own failures, its own line in the log and its own series of the metric. */
public enum WriteKind {
    /** The result of an attempt, or the end. */
    OUTCOME("outcome", "PATCH of status", "patch", "tasks/status", Duration.ofSeconds(2)),
    /** The annotation that says how the Task ended. */
    COMPLETED_ANNOTATION("completed-note", "PATCH of metadata", "patch", "tasks", Duration.ofSeconds(2)),
    /** The delete of a Task that its queue does not retain; it takes the place of the outcome. */
    END_BY_DELETE("end-by-delete", "DELETE", "delete", "tasks", Duration.ofSeconds(2)),
    /** The delete of a Task that succeeded, if neither its status nor its annotation can be written. */
    RESCUE_DELETE("rescue-delete", "DELETE", "delete", "tasks", Duration.ZERO),
    DEAD_LETTER("dead-letter", "POST", "create", "tasks", WriteAnswer.FORBIDDEN_CREATION_GRACE),
    WAITING_STATUS("waiting-status", "PATCH of status", "patch", "tasks/status", Duration.ZERO),
    CLAIM("claim", "PATCH of status", "patch", "tasks/status", Duration.ZERO),
    /** A claim for an attempt that this process leaves in flight when it ends. It may use the slots of outcomes. */
    LAST_CLAIM("claim", "PATCH of status", "patch", "tasks/status", Duration.ZERO),
    REDRIVE("redrive", "PATCH of status", "patch", "tasks/status", Duration.ZERO),
    DELETE("delete", "DELETE", "delete", "tasks", Duration.ZERO),
    /** The outcomes of items, and what a batch waits for. */
    BATCH_STATUS("batch-status", "PATCH of status", "patch", "taskbatches/status", Duration.ofSeconds(2)),
    BATCH_COMPLETED_ANNOTATION(
            "batch-completed-note", "PATCH of metadata", "patch", "taskbatches", Duration.ofSeconds(2)),
    BATCH_DEAD_LETTERS("batch-dead-letters", "POST", "create", "taskbatches", WriteAnswer.FORBIDDEN_CREATION_GRACE),
    /** The Task of {@code onFinished}. */
    BATCH_REPORT("batch-report", "POST", "create", "tasks", WriteAnswer.FORBIDDEN_CREATION_GRACE),
    BATCH_DELETE("batch-delete", "DELETE", "delete", "taskbatches", Duration.ZERO);

    /** The label of the metric. */
    final String label;

    private final String request;
    private final String verb;
    private final String resource;
    /** How long a 403 counts as something that passes. Zero if the caller tries again itself. */
    final Duration forbiddenGrace;

    WriteKind(String label, String request, String verb, String resource, Duration forbiddenPasses) {
        this.label = label;
        this.request = request;
        this.verb = verb;
        this.resource = resource;
        this.forbiddenGrace = forbiddenPasses;
    }

    /** Whether the caller repeats a write that was refused. */
    boolean isRepeatedAfterRefusal() {
        return switch (this) {
            case OUTCOME, END_BY_DELETE, REDRIVE, DELETE, BATCH_STATUS, BATCH_DELETE -> true;
            case COMPLETED_ANNOTATION,
                    RESCUE_DELETE,
                    DEAD_LETTER,
                    WAITING_STATUS,
                    CLAIM,
                    LAST_CLAIM,
                    BATCH_COMPLETED_ANNOTATION,
                    BATCH_DEAD_LETTERS,
                    BATCH_REPORT -> false;
        };
    }

    /** The kind of object because of which it is written. */
    String object() {
        return switch (this) {
            case BATCH_STATUS, BATCH_COMPLETED_ANNOTATION, BATCH_DEAD_LETTERS, BATCH_REPORT, BATCH_DELETE ->
                "TaskBatch";
            default -> "Task";
        };
    }

    /** The request, for people. */
    String request() {
        return request;
    }

    /** The right that the request needs, for people. */
    String right(String namespace) {
        return "%s on %s.taskqueue.dev in namespace %s, which the chart grants by the operator's ClusterRole, or with watchNamespaces by its Role there"
                .formatted(verb, resource, namespace);
    }
}
