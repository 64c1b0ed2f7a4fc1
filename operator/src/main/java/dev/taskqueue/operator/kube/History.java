package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Task's status, read back: what it has behind it when the operator starts. */
final class History {
    private History() {}

    static Progress of(TaskStatus status) {
        int dispatches = or(status.dispatchCount(), 0);
        Round round = status.round();
        int number = round(status);
        if (dispatches == 0 && number == 1) {
            return Progress.NONE;
        }
        int roundAttempts = round == null ? dispatches : or(round.attempts(), 0);
        Attempt last = status.lastAttempt();
        List<Attempt> attempts =
                status.attempts() != null ? status.attempts() : last == null ? List.<Attempt>of() : List.of(last);
        return new Progress(
                dispatches,
                or(status.responseCount(), 0),
                or(status.executionCount(), 0),
                number,
                roundAttempts,
                roundAttempts == 0 ? null : firstDispatchAt(status),
                attempts.stream().map(History::record).toList());
    }

    /** 1 since creation; each redrive begins the next one. */
    static int round(TaskStatus status) {
        Round round = status.round();
        return round == null ? 1 : or(round.number(), 2);
    }

    private static @Nullable Instant firstDispatchAt(TaskStatus status) {
        if (status.firstAttempt() != null && status.firstAttempt().dispatchTime() != null) {
            return Times.parse(status.firstAttempt().dispatchTime());
        }
        Attempt last = status.lastAttempt();
        return last == null || last.dispatchTime() == null ? null : Times.parse(last.dispatchTime());
    }

    private static AttemptRecord record(Attempt attempt) {
        Instant dispatchedAt = time(attempt.dispatchTime());
        return new AttemptRecord(
                or(attempt.number(), 1),
                attempt.scheduleTime() == null ? dispatchedAt : time(attempt.scheduleTime()),
                dispatchedAt,
                attempt.responseTime() == null ? null : time(attempt.responseTime()),
                attempt.statusCode(),
                reason(attempt.reason()),
                Objects.requireNonNullElse(attempt.message(), ""));
    }

    /** A reason that a newer operator wrote may be unknown here; the attempt is then one whose outcome is not known. */
    private static AttemptReason reason(@Nullable String name) {
        for (AttemptReason reason : AttemptReason.values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        return AttemptReason.Interrupted;
    }

    static Told told(TaskStatus status) {
        Condition accepted = condition(status, Conditions.Type.Accepted);
        Condition succeeded = condition(status, Conditions.Type.Succeeded);
        if (accepted == null || succeeded == null || status.state() == null) {
            return Told.NOTHING.with(Handled.of(status));
        }
        Claim claim = status.claim();
        boolean isAccepted = "True".equals(accepted.getStatus());
        String message = Objects.requireNonNullElse(succeeded.getMessage(), "");
        return new Told(
                Told.name(status.state(), succeeded.getReason(), isAccepted, message),
                isAccepted,
                time(accepted.getLastTransitionTime()),
                time(succeeded.getLastTransitionTime()),
                status.request() != null,
                Handled.of(status),
                claim == null || claim.holder() == null ? null : claim.holder().intern());
    }

    private static @Nullable Condition condition(TaskStatus status, Conditions.Type type) {
        if (status.conditions() == null) {
            return null;
        }
        return status.conditions().stream()
                .filter(condition -> type.name().equals(condition.getType()))
                .findFirst()
                .orElse(null);
    }

    private static Instant time(@Nullable String text) {
        return text == null ? Instant.EPOCH : Times.parse(text);
    }

    private static int or(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }
}
