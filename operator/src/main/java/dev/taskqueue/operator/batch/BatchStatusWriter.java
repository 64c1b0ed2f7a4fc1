package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.task.HandledAnnotations;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.Times;
import java.time.Instant;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the whole {@code status} of a batch from its progress. */
public final class BatchStatusWriter {
    private final BatchProgress progress;
    private final BatchOutlook outlook;
    private final ObjectNode status = TaskJson.MAPPER.createObjectNode();

    private BatchStatusWriter(BatchProgress progress, BatchOutlook outlook) {
        this.progress = progress;
        this.outlook = outlook;
    }

    /** The status with the revision after that of the progress. */
    public static ObjectNode status(BatchProgress progress, BatchOutlook outlook) {
        return new BatchStatusWriter(progress, outlook).write();
    }

    private ObjectNode write() {
        BatchConditions conditions = BatchConditions.of(progress, outlook);
        status.put("observedGeneration", 1);
        status.put("state", conditions.state().name());
        status.put("revision", progress.revision() + 1);
        writeCounts();
        putRanges("succeeded", progress.items.succeeded());
        putRanges("failed", progress.items.failed());
        putRanges("skipped", progress.items.skipped());
        writeRetries();
        writeClaims();
        writeFailures();
        writeDeadLetters();
        writeRunNow();
        put("onFinishedTask", progress.onFinishedTask);
        writeTimes(conditions.state());
        writeHandled(progress.handled());
        writeConditions(conditions);
        return status;
    }

    private void writeCounts() {
        ItemStates items = progress.items;
        status.put("progress", items.endedCount() + "/" + items.total());
        status.putObject("counts")
                .put("total", items.total())
                .put("succeeded", progress.succeededCount())
                .put("failed", progress.failedCount())
                .put("skipped", progress.skippedCount())
                .put("backingOff", items.backingOffCount());
    }

    private void writeRetries() {
        Map<String, String> texts = RetryEntries.format(
                progress.items.retries(), progress.items.endedItems(), progress.total(), startMillis(progress));
        if (!texts.isEmpty()) {
            ObjectNode retries = status.putObject("retries");
            texts.forEach(retries::put);
        }
    }

    /** The times of attempts count from here. */
    static long startMillis(BatchProgress progress) {
        Instant start = progress.startedAt();
        return start == null ? 0 : start.toEpochMilli();
    }

    private void writeClaims() {
        if (progress.claims().isEmpty()) {
            return;
        }
        ArrayNode claims = status.putArray("claims");
        for (ItemClaim claim : progress.claims()) {
            claims.addObject()
                    .put("indexes", IndexRanges.format(claim.indexes()))
                    .put("dispatchTime", Times.format(claim.dispatchedAt()))
                    .put("deadline", Times.format(claim.deadline()))
                    .put("holder", claim.holder());
        }
    }

    private void writeFailures() {
        if (!progress.failures.isEmpty()) {
            ArrayNode failures = status.putArray("failures");
            progress.failures.forEach(failure -> addTo(failures, failure));
        }
        Map<String, Integer> counts = progress.items.failedByReason();
        if (!counts.isEmpty()) {
            ObjectNode byReason = status.putObject("failedByReason");
            counts.forEach(byReason::put);
        }
    }

    /** One failure, as status and the summary for {@code onFinished} have it. */
    static void addTo(ArrayNode failures, ItemFailure failure) {
        ObjectNode json = failures.addObject();
        json.put("index", failure.index());
        if (failure.key() != null) {
            json.put("key", failure.key());
        }
        json.put("attempts", failure.attempts());
        if (failure.statusCode() != null) {
            json.put("statusCode", failure.statusCode());
        }
        json.put("reason", failure.reason());
        json.put("message", failure.message());
        json.put("time", Times.format(failure.at()));
    }

    private void writeDeadLetters() {
        String refused = progress.refusals.deadLetters();
        if (progress.deadLettersCreated > 0 || !progress.openDeadLetters.isEmpty() || refused != null) {
            ObjectNode deadLetters = status.putObject("deadLetters");
            deadLetters.put("created", progress.deadLettersCreated);
            if (!progress.openDeadLetters.isEmpty()) {
                deadLetters.put("open", IndexRanges.format(progress.openDeadLetters));
            }
            if (refused != null) {
                deadLetters.put("message", refused);
            }
        }
    }

    private void writeRunNow() {
        if (progress.expedited.isEmpty()) {
            return;
        }
        Instant dueSince = progress.expedited.dueSince();
        BitSet chosen = progress.expedited.chosen();
        ObjectNode runNow = status.putObject("runNow");
        if (dueSince != null) {
            runNow.put("dueTime", Times.format(dueSince));
        }
        if (!chosen.isEmpty()) {
            runNow.put("indexes", IndexRanges.format(chosen));
        }
    }

    private void writeTimes(BatchState state) {
        Instant roundStartedAt = progress.roundStartedAt();
        if (progress.round() > 1) {
            ObjectNode round = status.putObject("round").put("number", progress.round());
            if (roundStartedAt != null) {
                round.put("startTime", Times.format(roundStartedAt));
            }
        }
        putTime("startTime", progress.startedAt());
        boolean isOpen = state != BatchState.Finishing && progress.completedAt() == null;
        putTime("nextAttemptTime", isOpen && outlook.hold() == null ? nextAttemptAt() : null);
        putTime("completionTime", progress.completedAt());
    }

    /** The next time at which an item becomes due; null if one is due already. */
    private @Nullable Instant nextAttemptAt() {
        Instant waiting = outlook.nextAt();
        if (waiting != null && !waiting.isAfter(outlook.now())) {
            return null;
        }
        // The retries that this status tells of begin to wait when it is written.
        return Stream.concat(
                        Stream.ofNullable(waiting),
                        progress.items.retries().values().stream().map(retry -> Instant.ofEpochMilli(retry.nextAt())))
                .filter(next -> next.isAfter(outlook.now()))
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    private void writeHandled(HandledAnnotations handled) {
        put("lastHandledRunNow", handled.runNow());
        put("lastHandledRedrive", handled.redrive());
        put("lastHandledQueueRedrive", handled.queueRedrive());
    }

    private void writeConditions(BatchConditions conditions) {
        BatchStop stop = progress.stop();
        boolean isFinished = !conditions.succeeded().equals("Unknown");
        boolean isAccepted = conditions.accepted() == Reason.Accepted;
        Reason reason = conditions.reason();
        ArrayNode list = status.putArray("conditions");
        add(
                list,
                Conditions.Type.Accepted,
                isAccepted ? "True" : "False",
                conditions.accepted(),
                conditions.acceptedMessage());
        // A process that takes over reads here why nothing further leaves.
        add(
                list,
                Conditions.Type.Finished,
                isFinished ? "True" : "False",
                stop == null ? reason : stop.reason(),
                stop == null ? "" : MessageText.cut(stop.message()));
        add(list, Conditions.Type.Succeeded, conditions.succeeded(), reason, conditions.message());
        if (conditions.state() == BatchState.Failed) {
            add(list, Conditions.Type.Stalled, "True", reason, conditions.message());
        }
    }

    private void add(ArrayNode list, Conditions.Type type, String value, Reason reason, String message) {
        Instant since = progress.conditionTimes.since(type, value, outlook.now());
        list.addObject()
                .put("type", type.name())
                .put("status", value)
                .put("reason", reason.name())
                .put("message", message)
                .put("lastTransitionTime", Times.formatSeconds(since))
                .put("observedGeneration", 1);
    }

    private void put(String field, @Nullable String value) {
        if (value != null) {
            status.put(field, value);
        }
    }

    private void putTime(String field, @Nullable Instant time) {
        if (time != null) {
            status.put(field, Times.format(time));
        }
    }

    private void putRanges(String field, BitSet indexes) {
        if (!indexes.isEmpty()) {
            status.put(field, IndexRanges.format(indexes));
        }
    }
}
