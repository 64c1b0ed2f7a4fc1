package dev.taskqueue.operator.task;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Journal;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON merge patch (RFC 7386) for the status of a Task. An array is written whole, and a null removes a field. {@link TaskConditions} decides
 * what the conditions say.
 *
 * @param body the patch
 * @param writtenStatus what status says once the patch is in
 */
public record StatusPatch(String body, WrittenStatus writtenStatus) {

    /**
     * The outcome of an attempt, or the end of the Task.
     *
     * @param sent the request that was sent; null if status need not show it
     */
    public static StatusPatch of(
            Journal.Entry entry,
            WrittenStatus before,
            long resourceVersion,
            Instant now,
            @Nullable RequestSummary sent) {
        return switch (entry) {
            case Journal.Entry.Finished finished ->
                write(before, resourceVersion, now, TaskConditions.of(finished), sent, json -> {
                    AttemptJson.writeHistory(json, finished.history());
                    writeHandled(json, before.handled());
                    if (!before.name().isEmpty()) {
                        json.writeNullField("nextAttemptTime");
                        json.writeNullField("claim");
                    }
                    json.writeStringField("completionTime", Times.format(finished.at()));
                });
            case Journal.Entry.BackingOff backingOff -> {
                String next = Times.format(backingOff.nextAt());
                yield write(before, resourceVersion, now, TaskConditions.of(backingOff, next), sent, json -> {
                    AttemptJson.writeHistory(json, backingOff.history());
                    writeHandled(json, before.handled());
                    if (!before.name().isEmpty()) {
                        json.writeNullField("claim");
                    }
                    json.writeStringField("nextAttemptTime", next);
                });
            }
        };
    }

    /** The waiting state of a Task; empty if status says it already, or need not say it. */
    public static Optional<StatusPatch> of(
            DeliveryStatus deliveryStatus,
            String holder,
            WrittenStatus before,
            long resourceVersion,
            Instant now,
            @Nullable RequestSummary request) {
        TaskConditions conditions = TaskConditions.of(deliveryStatus);
        if (conditions == null || !conditions.differFrom(before)) {
            return Optional.empty();
        }
        StatusPatch patch = write(before, resourceVersion, now, conditions, request, json -> {
            switch (deliveryStatus) {
                case DeliveryStatus.Scheduled scheduled ->
                    json.writeStringField("nextAttemptTime", Times.format(scheduled.dueAt()));
                case DeliveryStatus.Dispatching attempt -> {
                    if (!before.name().isEmpty()) {
                        // The claim has the time at which this attempt was due.
                        json.writeNullField("nextAttemptTime");
                    }
                    AttemptJson.writeClaim(json, attempt, holder);
                    writeHandled(json, before.handled());
                }
                default -> {}
            }
        });
        return Optional.of(
                deliveryStatus instanceof DeliveryStatus.Dispatching
                        ? new StatusPatch(patch.body(), patch.writtenStatus().claimedBy(holder))
                        : patch);
    }

    /** Whether status does not yet say what state the Task is in. */
    public static boolean isUnwritten(DeliveryStatus deliveryStatus, WrittenStatus before) {
        TaskConditions conditions = TaskConditions.of(deliveryStatus);
        return conditions != null && conditions.differFrom(before);
    }

    /**
     * Opens a Failed Task again. Its attempts stay in status, and it may have as many more as the queue allows.
     *
     * @param request the values that are handled with it
     */
    public static StatusPatch redriven(TaskObject task, RedriveRequest request, Instant now) {
        TaskStatus status = task.status();
        WrittenStatus failed = StatusReader.writtenStatus(status);
        var before = new WrittenStatus(
                failed.name(),
                failed.accepted(),
                failed.acceptedAt(),
                null,
                failed.hasRequest(),
                failed.handled().with(request));
        int round = StatusReader.attemptHistory(status).round();
        return write(before, task.resourceVersion(), now, TaskConditions.redriven(now), null, json -> {
            writeHandled(json, before.handled());
            json.writeFieldName("round");
            json.writeTree(TaskJson.withNulls(new Round(round + 1, Times.format(now), 0, 0, 0)));
            json.writeNullField("firstAttempt");
            json.writeStringField("nextAttemptTime", Times.format(now));
            json.writeNullField("completionTime");
        });
    }

    private static void writeHandled(JsonGenerator json, HandledAnnotations handled) throws IOException {
        if (handled.runNow() != null) {
            json.writeStringField("lastHandledRunNow", handled.runNow());
        }
        if (handled.redrive() != null) {
            json.writeStringField("lastHandledRedrive", handled.redrive());
        }
        if (handled.queueRedrive() != null) {
            json.writeStringField("lastHandledQueueRedrive", handled.queueRedrive());
        }
    }

    /** Writes the fields of one kind of patch. */
    private interface FieldWriter {
        void write(JsonGenerator json) throws IOException;
    }

    private static StatusPatch write(
            WrittenStatus before,
            long resourceVersion,
            Instant now,
            TaskConditions conditions,
            @Nullable RequestSummary request,
            FieldWriter fields) {
        boolean isAccepted = conditions.isAccepted();
        Instant openedAt = before.openedAt() == null ? now : before.openedAt();
        Instant acceptedAt = before.acceptedAt() == null || before.accepted() != isAccepted ? now : before.acceptedAt();
        var text = new StringWriter(1024);
        try (JsonGenerator json = TaskJson.MAPPER.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("metadata");
            json.writeStringField("resourceVersion", Long.toString(resourceVersion));
            json.writeEndObject();
            json.writeObjectFieldStart("status");
            json.writeNumberField("observedGeneration", 1);
            json.writeStringField("state", conditions.state().name());
            writeConditions(json, conditions, acceptedAt, conditions.isFinished() ? now : openedAt);
            fields.write(json);
            if (request != null) {
                json.writeFieldName("request");
                // With nulls: a field that the last request had and this one has not is removed.
                json.writeTree(TaskJson.withNulls(request));
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        boolean hasRequest = before.hasRequest() || request != null;
        return new StatusPatch(
                text.toString(),
                new WrittenStatus(conditions.name(), isAccepted, acceptedAt, openedAt, hasRequest, before.handled()));
    }

    /**
     * Writes all conditions.
     *
     * @param changedAt when Finished and Succeeded last changed their status
     */
    private static void writeConditions(
            JsonGenerator json, TaskConditions conditions, Instant acceptedAt, Instant changedAt) throws IOException {
        boolean isAccepted = conditions.isAccepted();
        Reason reason = conditions.reason();
        String message = conditions.message();
        json.writeArrayFieldStart("conditions");
        writeCondition(
                json,
                Conditions.Type.Accepted,
                trueOrFalse(isAccepted),
                conditions.accepted(),
                isAccepted ? "" : message,
                acceptedAt);
        writeCondition(json, Conditions.Type.Finished, trueOrFalse(conditions.isFinished()), reason, "", changedAt);
        writeCondition(json, Conditions.Type.Succeeded, conditions.succeeded(), reason, message, changedAt);
        if (conditions.state() == TaskState.Failed) {
            writeCondition(json, Conditions.Type.Stalled, "True", reason, message, changedAt);
        }
        json.writeEndArray();
    }

    private static String trueOrFalse(boolean status) {
        return status ? "True" : "False";
    }

    private static void writeCondition(
            JsonGenerator json, Conditions.Type type, String status, Reason reason, String message, Instant since)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("type", type.name());
        json.writeStringField("status", status);
        json.writeStringField("reason", reason.name());
        json.writeStringField("message", TaskConditions.cut(message));
        json.writeStringField("lastTransitionTime", Times.formatSeconds(since));
        json.writeNumberField("observedGeneration", 1);
        json.writeEndObject();
    }
}
