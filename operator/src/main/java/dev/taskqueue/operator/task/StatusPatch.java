package dev.taskqueue.operator.task;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.FirstAttempt;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Journal;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a Task's status is to say, as a JSON merge patch (RFC 7386). Arrays go whole, and a null removes a field.
 *
 * @param body the patch
 * @param writtenStatus what status says once the patch is in
 */
public record StatusPatch(String body, WrittenStatus writtenStatus) {
    private static final int MAX_MESSAGE = 256;

    /** The outcome of an attempt, or the end; with the request that was sent, where there is something to tell of it. */
    public static StatusPatch of(
            Journal.Entry entry,
            WrittenStatus before,
            long resourceVersion,
            Instant now,
            @Nullable RequestSummary sent) {
        return switch (entry) {
            case Journal.Entry.Finished finished -> {
                Ending ending = finished.ending();
                var facts = new Facts(
                        ending.isSuccess() ? TaskState.Succeeded : TaskState.Failed,
                        ending.isSuccess() ? "True" : "False",
                        Reason.valueOf(ending.reason().name()),
                        ending.message(),
                        ending.reason() == Ending.Reason.InvalidSpec ? Reason.InvalidSpec : Reason.Accepted);
                yield write(before, resourceVersion, now, facts, sent, json -> {
                    progress(json, finished.progress());
                    handled(json, before.handled());
                    if (!before.name().isEmpty()) {
                        json.writeNullField("nextAttemptTime");
                        json.writeNullField("claim");
                    }
                    json.writeStringField("completionTime", Times.format(finished.at()));
                });
            }
            case Journal.Entry.BackingOff backingOff -> {
                AttemptRecord last =
                        Objects.requireNonNull(backingOff.progress().last());
                String next = Times.format(backingOff.nextAt());
                var facts = new Facts(
                        TaskState.BackingOff,
                        "Unknown",
                        Reason.BackingOff,
                        "Attempt %d failed: %s The next one is due at %s."
                                .formatted(last.number(), last.message(), next),
                        Reason.Accepted);
                yield write(before, resourceVersion, now, facts, sent, json -> {
                    progress(json, backingOff.progress());
                    handled(json, before.handled());
                    if (!before.name().isEmpty()) {
                        json.writeNullField("claim");
                    }
                    json.writeStringField("nextAttemptTime", next);
                });
            }
        };
    }

    /** Where a Task stands that waits; empty where status says so already, or need not. */
    public static Optional<StatusPatch> of(
            DeliveryStatus deliveryStatus,
            String holder,
            WrittenStatus before,
            long resourceVersion,
            Instant now,
            @Nullable RequestSummary request) {
        Facts facts = facts(deliveryStatus);
        if (facts == null || !isUnwritten(facts, before)) {
            return Optional.empty();
        }
        StatusPatch patch = write(before, resourceVersion, now, facts, request, json -> {
            switch (deliveryStatus) {
                case DeliveryStatus.Scheduled scheduled ->
                    json.writeStringField("nextAttemptTime", Times.format(scheduled.dueAt()));
                case DeliveryStatus.Dispatching attempt -> {
                    json.writeFieldName("claim");
                    json.writeTree(TaskReader.whole(claim(attempt, holder)));
                    handled(json, before.handled());
                }
                default -> {}
            }
        });
        return Optional.of(
                deliveryStatus instanceof DeliveryStatus.Dispatching
                        ? new StatusPatch(patch.body(), patch.writtenStatus().claimedBy(holder))
                        : patch);
    }

    /** Whether status does not say yet where the Task stands. */
    public static boolean isUnwritten(DeliveryStatus deliveryStatus, WrittenStatus before) {
        Facts facts = facts(deliveryStatus);
        return facts != null && isUnwritten(facts, before);
    }

    private static boolean isUnwritten(Facts facts, WrittenStatus before) {
        return !before.name().equals(facts.name());
    }

    /**
     * A Failed Task is open again: it has the attempts behind it, and all that the queue's rules allow before it.
     *
     * @param asked the value of its own annotation; null where its queue's asked
     */
    public static StatusPatch redriven(TaskObject task, @Nullable String asked, Instant now) {
        TaskStatus status = task.status();
        WrittenStatus failed = StatusReader.writtenStatus(status);
        var before = new WrittenStatus(
                failed.name(),
                failed.accepted(),
                failed.acceptedAt(),
                null,
                failed.hasRequest(),
                asked == null ? failed.handled() : failed.handled().withRedrive(asked));
        var facts = open(
                TaskState.Queued,
                Reason.Queued,
                "Started again at " + Times.format(now) + "; it waits for its turn in the queue.");
        int round = StatusReader.attemptHistory(status).round();
        return write(before, task.resourceVersion(), now, facts, null, json -> {
            handled(json, before.handled());
            json.writeFieldName("round");
            json.writeTree(TaskReader.whole(new Round(round + 1, Times.format(now), 0)));
            json.writeNullField("firstAttempt");
            json.writeStringField("nextAttemptTime", Times.format(now));
            json.writeNullField("completionTime");
        });
    }

    private static @Nullable Facts facts(DeliveryStatus deliveryStatus) {
        return switch (deliveryStatus) {
            case DeliveryStatus.Scheduled scheduled -> open(TaskState.Scheduled, Reason.Scheduled, message(scheduled));
            case DeliveryStatus.Queued queued ->
                open(
                        TaskState.Queued,
                        Reason.Queued,
                        "Due since " + Times.format(queued.dueAt()) + "; it waits for its turn in the queue.");
            case DeliveryStatus.Dispatching attempt ->
                open(
                        TaskState.Dispatching,
                        Reason.Dispatching,
                        "Attempt %d is in flight since %s."
                                .formatted(attempt.before().dispatches() + 1, Times.format(attempt.dispatchedAt())));
            case DeliveryStatus.Blocked blocked -> blocked(blocked.obstacle());
            // The outcome's own write has told it.
            case DeliveryStatus.BackingOff _ -> null;
        };
    }

    private static String message(DeliveryStatus.Scheduled scheduled) {
        String due = "Due at " + Times.format(scheduled.dueAt()) + ".";
        Instant expiresAt = scheduled.expiresAt();
        return expiresAt == null || !scheduled.isInVain()
                ? due
                : "It expires at %s, before it is due. %s".formatted(Times.format(expiresAt), due);
    }

    private static @Nullable Facts blocked(Obstacle obstacle) {
        return switch (obstacle.reason()) {
            case NoReadyEndpoint -> open(TaskState.Queued, Reason.NoReadyEndpoint, obstacle.message());
            // It could not be written either.
            case ApiServerUnavailable, WriteRefused -> null;
            default -> {
                Reason reason = Reason.valueOf(obstacle.reason().name());
                yield new Facts(TaskState.Queued, "Unknown", reason, obstacle.message(), reason);
            }
        };
    }

    private static Facts open(TaskState state, Reason reason, String message) {
        return new Facts(state, "Unknown", reason, message, Reason.Accepted);
    }

    /**
     * What the conditions say.
     *
     * @param succeeded status of condition Succeeded
     * @param reason of Succeeded and Finished
     * @param accepted reason of condition Accepted, which is True for {@link Reason#Accepted} alone
     */
    private record Facts(TaskState state, String succeeded, Reason reason, String message, Reason accepted) {
        Facts {
            message = DocLinks.append(message, reason, MAX_MESSAGE);
        }

        boolean isAccepted() {
            return accepted == Reason.Accepted;
        }

        boolean isFinished() {
            return !succeeded.equals("Unknown");
        }

        /** As {@link WrittenStatus#state}. */
        String name() {
            return WrittenStatus.name(state, reason.name(), isAccepted(), cut(message));
        }
    }

    private interface Part {
        void write(JsonGenerator json) throws IOException;
    }

    private static StatusPatch write(
            WrittenStatus before,
            long resourceVersion,
            Instant now,
            Facts facts,
            @Nullable RequestSummary request,
            Part part) {
        Instant openedAt = before.openedAt() == null ? now : before.openedAt();
        Instant acceptedAt =
                before.acceptedAt() == null || before.accepted() != facts.isAccepted() ? now : before.acceptedAt();
        var text = new StringWriter(1024);
        try (JsonGenerator json = TaskReader.JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("metadata");
            json.writeStringField("resourceVersion", Long.toString(resourceVersion));
            json.writeEndObject();
            json.writeObjectFieldStart("status");
            json.writeNumberField("observedGeneration", 1);
            json.writeStringField("state", facts.state().name());
            json.writeArrayFieldStart("conditions");
            String acceptedMessage = facts.isAccepted() ? "" : facts.message();
            condition(
                    json,
                    Conditions.Type.Accepted,
                    facts.isAccepted() ? "True" : "False",
                    facts.accepted(),
                    acceptedMessage,
                    acceptedAt);
            Instant sinceEnd = facts.isFinished() ? now : openedAt;
            condition(
                    json,
                    Conditions.Type.Finished,
                    facts.isFinished() ? "True" : "False",
                    facts.reason(),
                    "",
                    sinceEnd);
            condition(json, Conditions.Type.Succeeded, facts.succeeded(), facts.reason(), facts.message(), sinceEnd);
            if (facts.state() == TaskState.Failed) {
                condition(json, Conditions.Type.Stalled, "True", facts.reason(), facts.message(), now);
            }
            json.writeEndArray();
            part.write(json);
            if (request != null) {
                json.writeFieldName("request");
                // Whole: what the last one had and this one has not is taken back.
                json.writeTree(TaskReader.whole(request));
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        boolean hasRequest = before.hasRequest() || request != null;
        return new StatusPatch(
                text.toString(),
                new WrittenStatus(
                        facts.name(), facts.isAccepted(), acceptedAt, openedAt, hasRequest, before.handled()));
    }

    private static void condition(
            JsonGenerator json, Conditions.Type type, String status, Reason reason, String message, Instant since)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("type", type.name());
        json.writeStringField("status", status);
        json.writeStringField("reason", reason.name());
        json.writeStringField("message", cut(message));
        json.writeStringField("lastTransitionTime", Times.formatSeconds(since));
        json.writeNumberField("observedGeneration", 1);
        json.writeEndObject();
    }

    private static void progress(JsonGenerator json, AttemptHistory progress) throws IOException {
        AttemptRecord last = progress.last();
        if (last == null) {
            return;
        }
        json.writeNumberField("dispatchCount", progress.dispatches());
        json.writeNumberField("responseCount", progress.responses());
        json.writeNumberField("executionCount", progress.executions());
        json.writeFieldName("lastAttempt");
        if (progress.dispatches() > 1) {
            // Whole: what the one before had and this one has not is taken back.
            json.writeTree(TaskReader.whole(attempt(last)));
        } else {
            json.writePOJO(attempt(last));
        }
        if (progress.round() > 1) {
            json.writeObjectFieldStart("round");
            json.writeNumberField("attempts", progress.roundAttempts());
            json.writeEndObject();
        }
        if (progress.dispatches() > 1) {
            firstAttempt(json, progress.firstDispatchAt());
            json.writeArrayFieldStart("attempts");
            for (AttemptRecord attempt : progress.recent()) {
                json.writePOJO(attempt(attempt));
            }
            json.writeEndArray();
        }
    }

    private static void handled(JsonGenerator json, HandledAnnotations handled) throws IOException {
        if (handled.runNow() != null) {
            json.writeStringField("lastHandledRunNow", handled.runNow());
        }
        if (handled.redrive() != null) {
            json.writeStringField("lastHandledRedrive", handled.redrive());
        }
    }

    /** After a redrive there is none until an attempt has left; and what others wrote into status may have none. */
    private static void firstAttempt(JsonGenerator json, @Nullable Instant dispatchedAt) throws IOException {
        if (dispatchedAt == null) {
            json.writeNullField("firstAttempt");
        } else {
            json.writePOJOField("firstAttempt", new FirstAttempt(Times.format(dispatchedAt)));
        }
    }

    private static Attempt attempt(AttemptRecord attempt) {
        Instant respondedAt = attempt.respondedAt();
        return new Attempt(
                attempt.number(),
                Times.format(attempt.scheduledAt()),
                Times.format(attempt.dispatchedAt()),
                respondedAt == null ? null : Times.format(respondedAt),
                attempt.statusCode(),
                attempt.reason().name(),
                cut(attempt.message()));
    }

    private static Claim claim(DeliveryStatus.Dispatching attempt, String holder) {
        return new Claim(
                attempt.before().dispatches() + 1,
                Times.format(attempt.scheduledAt()),
                Times.format(attempt.dispatchedAt()),
                Times.format(attempt.deadlineAt()),
                holder);
    }

    private static String cut(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 3) + "...";
    }
}
