package dev.taskqueue.operator.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.cache.ListedObject;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.kube.ObjectReflector;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Passes the objects of the watch to the records of the Tasks. On the leader, the record of a known Task is newer than its object, so only changes by
 * others are applied. An object written before this process became leader is newer than the record, so it is taken in from scratch.
 */
public final class TaskIntake implements ObjectReflector.Sink {
    private final TaskWriteContext context;
    private final NamespaceTerms terms;
    private final Duration grace;
    private final Consumer<JsonNode> look;
    private final Listener listener;

    /**
     * Makes an intake for all watched namespaces.
     *
     * @param grace how long an earlier process may still write the outcomes of its claims
     */
    public TaskIntake(TaskWriteContext context, NamespaceTerms terms, Duration grace) {
        this(context, terms, grace, task -> {}, new Listener() {});
    }

    /**
     * The same with a detector and a listener.
     *
     * @param detector sees each object of the watch
     * @param listener hears of Tasks that were created in the term of this process
     */
    public TaskIntake(
            TaskWriteContext context,
            NamespaceTerms terms,
            Duration grace,
            ForeignWriteDetector detector,
            Listener listener) {
        this(context, terms, grace, detector::look, listener);
    }

    private TaskIntake(
            TaskWriteContext context,
            NamespaceTerms terms,
            Duration grace,
            Consumer<JsonNode> look,
            Listener listener) {
        this.look = look;
        this.listener = listener;
        this.context = context;
        this.terms = terms;
        this.grace = grace;
    }

    @Override
    public void seen(JsonNode json, int listing) {
        look.accept(json);
        TaskRecord known = context.tasks().get(TaskReader.id(json));
        TaskRecord record = known == null ? record(json) : known;
        record.listing = listing;
        long version = TaskReader.resourceVersion(json);
        // Most events are echoes of this process's own writes. They are not read.
        if (version > record.resourceVersion()) {
            TaskMessage.Era era = terms.era(record.id.namespace(), version);
            if (known == null && era == TaskMessage.Era.OWN) {
                listener.created(record.queue, 1);
            }
            record.apply(new TaskMessage.Seen(TaskReader.read(json), era));
        }
    }

    /** This process is about to lead in the namespace. Its open claims follow, each by {@link #adopt}. */
    public void expectClaims(String namespace) {
        terms.expectClaims(namespace, context.wall().instant().plus(grace));
    }

    /** Takes in a Task that the former leader has claimed. It counts as in flight as long as the former leader may write its outcome. */
    public void adopt(JsonNode json) {
        record(json).apply(new TaskMessage.Adopted(TaskReader.read(json)));
    }

    /** This process leads in the namespace: after this resourceVersion, it writes the status of known Tasks. */
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
        ListedObject.missing(context.tasks().all(), namespace, listing)
                .forEach(record -> context.tasks().remove(record.id));
    }
}
