package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.JsonText;
import dev.taskqueue.operator.api.OnFinished;
import dev.taskqueue.operator.api.QueueRef;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.task.DerivedNames;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.Times;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Task that reports the end of a batch. Its name follows from the batch, so that it is created once.
 */
public final class OnFinishedDraft {
    private OnFinishedDraft() {}

    /** Whether the batch asks for the Task, now that it ends as it does. */
    public static boolean isWanted(BatchSpec spec, BatchProgress progress) {
        OnFinished report = spec.onFinished();
        if (report == null) {
            return false;
        }
        return switch (Objects.requireNonNullElse(report.when(), OnFinished.When.Always)) {
            case Always -> true;
            case Succeeded -> progress.isSuccess();
            case Failed -> !progress.isSuccess();
        };
    }

    /** The name of the Task; each round has another one. */
    public static String name(BatchId batch, int round) {
        return DerivedNames.of(
                batch.name(), "-done-" + DerivedNames.shortUid(batch.uid()) + (round > 1 ? "-" + round : ""));
    }

    /**
     * The Task as JSON.
     *
     * @param endedAt when the last item ended
     */
    public static String json(BatchObject batch, BatchProgress progress, Instant endedAt) {
        OnFinished report = Objects.requireNonNull(batch.spec().onFinished());
        BatchId id = batch.id();
        ObjectNode task = TaskJson.MAPPER.createObjectNode();
        task.put("apiVersion", ApiGroup.API_VERSION).put("kind", "Task");
        task.set("metadata", batch.metadataOf(name(id, progress.round())));
        HttpRequest request = request(report.httpRequest(), () -> summary(id, progress, endedAt));
        QueueRef queue = report.queueRef() == null ? new QueueRef(batch.queue().name()) : report.queueRef();
        task.set(
                "spec",
                TaskJson.MAPPER.valueToTree(
                        new TaskSpec(queue, null, null, null, report.dispatchDeadline(), null, request, null)));
        return task.toString();
    }

    private static HttpRequest request(@Nullable HttpRequest own, Supplier<JsonText> summary) {
        if (own == null) {
            return HttpRequest.EMPTY.withOnlyJson(summary.get());
        }
        boolean hasBody =
                own.body() != null || own.bodyBase64() != null || own.json() != null || own.bodyFrom() != null;
        return hasBody || !EffectiveRequest.carriesBody(own.method()) ? own : own.withOnlyJson(summary.get());
    }

    private static JsonText summary(BatchId id, BatchProgress progress, Instant endedAt) {
        ObjectNode summary = TaskJson.MAPPER.createObjectNode();
        summary.put("batch", id.name());
        summary.put("namespace", id.namespace());
        summary.put("uid", id.uid());
        summary.put("round", progress.round());
        summary.put("state", (progress.isSuccess() ? BatchState.Succeeded : BatchState.Failed).name());
        summary.put("reason", BatchConditions.endReason(progress).name());
        summary.put("total", progress.total());
        summary.put("succeeded", progress.succeededCount());
        summary.put("failed", progress.failedCount());
        summary.put("skipped", progress.skippedCount());
        summary.put("failedIndexes", IndexRanges.format(progress.failed()));
        ArrayNode failures = summary.putArray("failures");
        progress.failures().forEach(failure -> BatchStatusWriter.addTo(failures, failure));
        Instant startedAt = progress.startedAt();
        if (startedAt != null) {
            summary.put("startTime", Times.format(startedAt));
        }
        summary.put("completionTime", Times.format(endedAt));
        return new JsonText(summary.toString());
    }
}
