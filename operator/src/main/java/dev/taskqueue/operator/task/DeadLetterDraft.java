package dev.taskqueue.operator.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.QueueRef;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Journal.Entry;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a Task that its dead letter takes over. The key is the only annotation. With others, Git, Helm or a user would take the dead letter
 * for the Task itself, and would prune it or keep it for ever. {@link InheritedLabels} says which labels are taken over. A dead letter is due at
 * once and never expires.
 *
 * @param request as it was sent, or would be sent now; it names Secrets and ConfigMaps and does not hold their values
 * @param dispatchDeadline the deadline of the Task; null = that of the queue
 * @param key {@link Annotations#KEY}
 * @param labels of the Task, without those by which tools find their objects
 * @param ofDeadLetter whether the Task is a dead letter already
 */
public record DeadLetterDraft(
        HttpRequest request,
        @Nullable String dispatchDeadline,
        @Nullable String key,
        Map<String, String> labels,
        boolean ofDeadLetter) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            .build();

    /** The lowest status that the CRD takes. A worker may answer with other numbers. */
    private static final int MIN_STATUS = 100;

    /**
     * Drafts the dead letter of a Task that has failed.
     *
     * @param target the {@code httpTarget} that was, or is, in force
     */
    public static DeadLetterDraft of(TaskObject task, TaskSpec spec, @Nullable HttpTarget target) {
        return new DeadLetterDraft(
                EffectiveRequest.merged(spec.httpRequest(), target),
                spec.dispatchDeadline(),
                task.requestedActions().key(),
                Map.of(),
                spec.deadLetterOf() != null);
    }

    /** The same draft with the labels of the Task, which is given as it was read. */
    public DeadLetterDraft withLabelsOf(JsonNode task) {
        return new DeadLetterDraft(request, dispatchDeadline, key, InheritedLabels.of(task), ofDeadLetter);
    }

    /**
     * The name of the dead letter. Every try of every operator process uses the same name, so that a second creation is refused. After a redrive
     * that fails, the name is another one.
     */
    public static String name(TaskId failed, int round) {
        return DerivedNames.of(
                failed.name(), "-dl-" + DerivedNames.shortUid(failed.uid()) + (round > 1 ? "-" + round : ""));
    }

    /** The dead letter as JSON. */
    public String json(TaskId failed, QueueId from, String to, Entry.Finished end) {
        ObjectNode task = JSON.createObjectNode();
        task.put("apiVersion", ApiGroup.API_VERSION);
        task.put("kind", "Task");
        ObjectNode metadata = task.putObject("metadata");
        AttemptHistory progress = end.history();
        metadata.put("namespace", failed.namespace());
        metadata.put("name", name(failed, progress.round()));
        if (!labels.isEmpty()) {
            ObjectNode copied = metadata.putObject("labels");
            labels.forEach(copied::put);
        }
        if (key != null) {
            metadata.putObject("annotations").put(Annotations.KEY, key);
        }
        var origin = new DeadLetterOf(
                from.name(),
                failed.name(),
                failed.uid(),
                end.ending().reason().name(),
                progress.dispatches(),
                lastStatus(progress),
                null);
        task.set(
                "spec",
                JSON.valueToTree(
                        new TaskSpec(new QueueRef(to), null, null, null, dispatchDeadline, null, request, origin)));
        try {
            return JSON.writeValueAsString(task);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static @Nullable Integer lastStatus(AttemptHistory progress) {
        for (AttemptRecord attempt : progress.recent().reversed()) {
            Integer code = attempt.statusCode();
            if (code != null) {
                return code < MIN_STATUS ? null : code;
            }
        }
        return null;
    }

    /** Leaves out the request: headers and body may be private, and printed text ends up in logs. */
    @Override
    public String toString() {
        return "DeadLetterDraft[...]";
    }
}
