package dev.taskqueue.operator.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.kube.TaskReflector;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.time.Duration;
import java.util.ArrayList;

/**
 * Brings what the watch tells to the records of the Tasks. On the leader, what is known of a Task is newer than its object, so only changes by
 * others are applied. An object written before this process became leader is newer than what is known, so it is taken in from scratch.
 */
public final class TaskIntake implements TaskReflector.Sink {
    private final TaskWriteContext context;
    private final NamespaceTerms terms;
    private final Duration grace;

    /**
     * An intake of what this process may lead or not.
     *
     * @param grace how long an earlier process may still write outcomes of what it has claimed
     */
    public TaskIntake(TaskWriteContext context, NamespaceTerms terms, Duration grace) {
        this.context = context;
        this.terms = terms;
        this.grace = grace;
    }

    @Override
    public void seen(JsonNode json, int listing) {
        TaskRecord record = record(json);
        record.listing = listing;
        long version = TaskReader.resourceVersion(json);
        // Most that the watch tells are this process's own writes: no need to read those.
        if (version > record.resourceVersion()) {
            record.apply(new TaskMessage.Seen(TaskReader.read(json), terms.era(record.id.namespace(), version)));
        }
    }

    /** This process is about to lead there. What others have claimed and not concluded comes next, by {@link #adopt}. */
    public void expectClaims(String namespace) {
        terms.expectClaims(namespace, context.wall().instant().plus(grace));
    }

    /** A Task that the former leader has claimed: it counts as in flight, for as long as that one may write its outcome. */
    public void adopt(JsonNode json) {
        record(json).apply(new TaskMessage.Adopted(TaskReader.read(json)));
    }

    /** From this resourceVersion on, what happens to a Task of this namespace that is known happens by this process. */
    public void lead(String namespace, long version) {
        terms.lead(namespace, version, context.wall().instant());
    }

    private TaskRecord record(JsonNode json) {
        TaskId id = TaskReader.id(json);
        TaskRecord known = context.tasks().get(id);
        return known != null ? known : context.tasks().put(TaskRecord.unseen(TaskReader.read(json)));
    }

    @Override
    public void deleted(JsonNode json) {
        context.tasks().remove(TaskReader.id(json));
    }

    @Override
    public void listed(String namespace, int listing) {
        var missed = new ArrayList<TaskId>();
        context.tasks().forEach(record -> {
            if (record.listing != listing && (namespace.isEmpty() || namespace.equals(record.id.namespace()))) {
                missed.add(record.id);
            }
        });
        missed.forEach(context.tasks()::remove);
    }
}
