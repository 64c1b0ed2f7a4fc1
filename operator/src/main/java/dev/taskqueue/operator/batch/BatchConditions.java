package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.PlainLine;
import dev.taskqueue.operator.task.DocLinks;
import dev.taskqueue.operator.task.Times;
import dev.taskqueue.operator.task.TurnMessages;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the conditions of a batch say, and its {@code status.state}. {@link BatchStatusWriter} writes it as JSON.
 *
 * @param succeeded status of condition Succeeded
 * @param reason of Succeeded and Finished
 * @param accepted reason of condition Accepted, which is True for {@link Reason#Accepted} alone
 * @param acceptedMessage empty if Accepted is True
 */
record BatchConditions(
        BatchState state, String succeeded, Reason reason, String message, Reason accepted, String acceptedMessage) {

    BatchConditions {
        message = MessageText.cut(DocLinks.append(message, reason, MessageText.MAX_LENGTH));
        acceptedMessage = MessageText.cut(DocLinks.append(acceptedMessage, accepted, MessageText.MAX_LENGTH));
    }

    static BatchConditions of(BatchProgress progress, BatchOutlook outlook) {
        BatchState state = progress.state(outlook.isScheduled());
        BatchStop stop = progress.stop();
        if (progress.isDone() && stop != null && stop.reason() == Reason.InvalidSpec) {
            return refused(state, progress, stop);
        }
        return switch (state) {
            case Succeeded -> accepted(state, "True", endReason(progress), told(progress, stop));
            case Failed -> accepted(state, "False", endReason(progress), told(progress, stop));
            case Finishing ->
                accepted(
                        state,
                        "Unknown",
                        Reason.Running,
                        "Every item has ended; dead letters or the Task of onFinished are being created.");
            default -> open(state, progress, outlook);
        };
    }

    /** A batch of which nothing is sent. Only the Task of onFinished may still have to be created. */
    private static BatchConditions refused(BatchState state, BatchProgress progress, BatchStop stop) {
        return state == BatchState.Finishing
                ? new BatchConditions(
                        state,
                        "Unknown",
                        Reason.Running,
                        "Nothing of the batch is sent; the Task of onFinished is being created.",
                        stop.reason(),
                        stop.message())
                : new BatchConditions(
                        state, "False", stop.reason(), told(progress, stop), stop.reason(), stop.message());
    }

    private static BatchConditions open(BatchState state, BatchProgress progress, BatchOutlook outlook) {
        if (outlook.hold() != null) {
            String why = PlainLine.of(outlook.hold());
            return accepted(state, "Unknown", Reason.Held, why.isEmpty() ? "Held." : sentence("Held: " + why));
        }
        Obstacle obstacle = outlook.obstacle();
        Reason told = obstacle == null ? null : told(obstacle.reason());
        if (obstacle != null && told == Reason.NoReadyEndpoint) {
            return accepted(state, "Unknown", told, obstacle.message());
        }
        if (obstacle != null && told != null) {
            return new BatchConditions(state, "Unknown", told, obstacle.message(), told, obstacle.message());
        }
        if (outlook.turn() != null) {
            Instant dueAt = Objects.requireNonNullElse(outlook.nextAt(), outlook.now());
            String why = TurnMessages.message(dueAt, outlook.turn());
            return accepted(state, "Unknown", TurnMessages.reason(outlook.turn()), why);
        }
        return switch (state) {
            case Scheduled ->
                accepted(
                        state,
                        "Unknown",
                        Reason.Scheduled,
                        outlook.nextAt() == null
                                ? "No item is due yet."
                                : "The first item is due at " + Times.format(outlook.nextAt()) + ".");
            case Running -> accepted(state, "Unknown", Reason.Running, openMessage(progress));
            default -> accepted(state, "Unknown", Reason.Pending, "Its items wait for their turn in the queue.");
        };
    }

    /** The reason as the API has it; null if status does not tell it, because it could not be written either. */
    private static @Nullable Reason told(Obstacle.Reason reason) {
        return switch (reason) {
            case ApiServerUnavailable, WriteRefused -> null;
            default -> Reason.valueOf(reason.name());
        };
    }

    private static BatchConditions accepted(BatchState state, String succeeded, Reason reason, String message) {
        return new BatchConditions(state, succeeded, reason, message, Reason.Accepted, "");
    }

    private static String openMessage(BatchProgress progress) {
        int ended = progress.succeededCount() + progress.failedCount() + progress.skippedCount();
        return "%d of %d items have ended%s.".formatted(ended, progress.total(), failures(progress, ", %d failed"));
    }

    private static String failures(BatchProgress progress, String words) {
        return progress.failedCount() == 0 ? "" : words.formatted(progress.failedCount());
    }

    /** What people write may end without a full stop. */
    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }

    /** Why the batch ended as it did, or will end if no further item is sent. */
    static Reason endReason(BatchProgress progress) {
        BatchStop stop = progress.stop();
        if (stop != null && stop.endsAll()) {
            return stop.reason();
        }
        if (progress.isSuccess()) {
            return Reason.Delivered;
        }
        if (stop != null) {
            return stop.reason();
        }
        boolean hasExpired = progress.failedCount() > 0
                && progress.failed().stream().allMatch(index -> isExpired(progress.failedItem(index)));
        return hasExpired ? Reason.Expired : Reason.ItemsFailed;
    }

    private static boolean isExpired(@Nullable EndedItem end) {
        return end != null && end.reason() == Ending.Reason.Expired;
    }

    static String told(BatchProgress progress, @Nullable BatchStop stop) {
        return progress.refusals.appendTo(endMessage(progress, stop));
    }

    private static String endMessage(BatchProgress progress, @Nullable BatchStop stop) {
        if (stop != null && stop.endsAll()) {
            return stop.message();
        }
        int total = progress.total();
        if (progress.isSuccess()) {
            return total == 1 ? "The item succeeded." : "All " + total + " items succeeded.";
        }
        String counts = progress.failedCount() == 0 ? "" : failed(progress);
        if (progress.skippedCount() > 0) {
            counts += (counts.isEmpty() ? "" : "; ")
                    + progress.skippedCount()
                    + (counts.isEmpty() ? " of " + total + " items were left unsent" : " were left unsent");
        }
        if (stop == null) {
            return counts;
        }
        return counts.isEmpty() ? stop.message() : sentence(stop.message()) + " " + counts;
    }

    /** How many items failed, and what became of that with the lowest index. */
    private static String failed(BatchProgress progress) {
        int first = progress.failed().nextSetBit(0);
        String end = end(progress.failedItem(first));
        return switch (progress.failedCount()) {
            case 1 -> "1 of %d items failed: item %d %s".formatted(progress.total(), first, end);
            default ->
                "%d of %d items failed; the first, item %d, %s"
                        .formatted(progress.failedCount(), progress.total(), first, end);
        };
    }

    /** What became of a failed item, as the end of a sentence. */
    private static String end(@Nullable EndedItem item) {
        if (item != null && item.lastCode() != 0) {
            return "was answered " + item.lastCode();
        }
        if (isExpired(item)) {
            return "expired";
        }
        return item == null || item.reason() != Ending.Reason.RetriesExhausted ? "failed" : "got no answer";
    }
}
