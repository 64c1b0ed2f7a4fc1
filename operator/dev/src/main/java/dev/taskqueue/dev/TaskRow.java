package dev.taskqueue.dev;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.task.DocLinks;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One Task as the screen shows it.
 *
 * @param attempts sent so far
 * @param code of the last answer
 * @param note why it ended so, or why it waits
 * @param nextAt when its next attempt is due
 */
record TaskRow(
        TaskId task,
        String queue,
        String state,
        int attempts,
        @Nullable Integer code,
        String note,
        @Nullable Instant nextAt,
        Expectation expectation,
        End end) {
    /** Reasons that add nothing to the name of the state. */
    private static final Set<String> PLAIN_REASONS =
            Set.of("Pending", "Scheduled", "Queued", "Dispatching", "BackingOff");

    enum End {
        NOT_YET,
        AS_EXPECTED,
        OTHERWISE
    }

    static TaskRow of(Task task) {
        TaskStatus status = task.getStatus();
        String state = status == null || status.state() == null
                ? "Pending"
                : status.state().name();
        String reason = Expectation.reason(status);
        boolean ended = Expectation.hasEnded(status);
        var expectation = Expectation.of(task);
        return new TaskRow(
                TaskBoard.id(task),
                task.getSpec().queueRef() == null
                        ? ""
                        : String.valueOf(task.getSpec().queueRef().name()),
                state,
                status == null || status.dispatchCount() == null ? 0 : status.dispatchCount(),
                status == null || status.lastAttempt() == null
                        ? null
                        : status.lastAttempt().statusCode(),
                note(status, reason, ended),
                time(status),
                expectation,
                !ended ? End.NOT_YET : expectation.isMetBy(state, reason) ? End.AS_EXPECTED : End.OTHERWISE);
    }

    private static String note(@Nullable TaskStatus status, @Nullable String reason, boolean ended) {
        if (reason == null || PLAIN_REASONS.contains(reason)) {
            return "";
        }
        return ended ? reason : DocLinks.withoutLink(Objects.requireNonNullElse(Expectation.message(status), reason));
    }

    private static @Nullable Instant time(@Nullable TaskStatus status) {
        if (status == null || status.nextAttemptTime() == null) {
            return null;
        }
        try {
            return Instant.parse(status.nextAttemptTime());
        } catch (DateTimeParseException notOurs) {
            return null;
        }
    }

    /** The Task was deleted: after its end, which counts as its end, or before. */
    TaskRow deleted() {
        if (end != End.NOT_YET) {
            return this;
        }
        boolean expected = expectation.isMetBy(Expectation.DELETED, null);
        return new TaskRow(
                task,
                queue,
                Expectation.DELETED,
                attempts,
                code,
                "",
                null,
                expectation,
                expected ? End.AS_EXPECTED : End.OTHERWISE);
    }

    boolean hasEnded() {
        return end != End.NOT_YET;
    }

    /** The text behind the columns. */
    String progress(Instant now) {
        String text = note;
        if (text.isEmpty() && nextAt != null && !hasEnded()) {
            text = nextAt.isAfter(now) ? (attempts > 0 ? "again in " : "due in ") + seconds(now, nextAt) : "due";
        }
        return end == End.OTHERWISE ? text + ", expected " + expectation : text;
    }

    private static String seconds(Instant from, Instant to) {
        double seconds = Duration.between(from, to).toMillis() / 1000.0;
        return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }

    /** Whether this row has changed since a reader of plain lines last saw it. */
    boolean differsFrom(@Nullable TaskRow shown) {
        return shown == null || !state.equals(shown.state) || attempts != shown.attempts || !note.equals(shown.note);
    }
}
