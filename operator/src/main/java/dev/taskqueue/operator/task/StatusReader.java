package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.engine.Offer;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A Task's status, read back: what it has behind it when the operator starts. */
public final class StatusReader {
    /** Counts are of 32 bits; whoever may write status may have written the last one that fits. */
    private static final int MAX_COUNT = 2_000_000_000;

    /** What whoever claimed an attempt may need after its deadline to write that there was no answer. */
    private static final Duration CLAIM_SLACK = Duration.ofSeconds(2);

    private StatusReader() {}

    public static AttemptHistory attemptHistory(TaskStatus status) {
        int dispatches = or(status.dispatchCount(), 0);
        Round round = status.round();
        int number = round(status);
        if (dispatches == 0 && number == 1) {
            return AttemptHistory.NONE;
        }
        int roundAttempts = round == null ? dispatches : or(round.attempts(), 0);
        Attempt last = status.lastAttempt();
        List<Attempt> attempts =
                status.attempts() != null ? status.attempts() : last == null ? List.<Attempt>of() : List.of(last);
        return new AttemptHistory(
                dispatches,
                or(status.responseCount(), 0),
                or(status.executionCount(), 0),
                number,
                roundAttempts,
                roundAttempts == 0 ? null : firstDispatchAt(status),
                attempts.stream().map(StatusReader::record).toList());
    }

    /** 1 since creation; each redrive begins the next one. */
    public static int round(TaskStatus status) {
        Round round = status.round();
        return round == null ? 1 : or(round.number(), 2);
    }

    /** What the queue's limit for unfinished Tasks counts from: the creation, or the last redrive. */
    public static Instant openSince(TaskObject task) {
        return Optional.ofNullable(task.status().round())
                .flatMap(round -> Times.read(round.startTime()))
                .orElse(task.createdAt());
    }

    /**
     * The attempt that status says is in flight; null where it says of none. A claim whose times cannot be read was not written by an operator,
     * but somebody may be at work: it counts as one that lasts as long as any may.
     *
     * @param latestEnd when no earlier process lives that might write the outcome of an attempt it had in flight
     */
    public static Offer.@Nullable Claim claim(TaskObject task, Instant latestEnd) {
        Claim claim = task.status().claim();
        if (claim == null) {
            return null;
        }
        Optional<Instant> scheduledAt = Times.read(claim.scheduleTime());
        Optional<Instant> dispatchedAt = Times.read(claim.dispatchTime());
        Instant until = Times.read(claim.deadline())
                .filter(_ -> scheduledAt.isPresent() && dispatchedAt.isPresent())
                .map(deadline -> deadline.plus(CLAIM_SLACK))
                .filter(end -> end.isBefore(latestEnd))
                .orElse(latestEnd.isBefore(Times.LAST) ? latestEnd : Times.LAST);
        Instant left = dispatchedAt.or(() -> scheduledAt).orElse(task.createdAt());
        return new Offer.Claim(scheduledAt.orElse(left), left, until);
    }

    private static @Nullable Instant firstDispatchAt(TaskStatus status) {
        return Optional.ofNullable(status.firstAttempt())
                .flatMap(first -> Times.read(first.dispatchTime()))
                .or(() -> Optional.ofNullable(status.lastAttempt()).flatMap(last -> Times.read(last.dispatchTime())))
                .orElse(null);
    }

    private static AttemptRecord record(Attempt attempt) {
        Instant dispatchedAt = time(attempt.dispatchTime());
        return new AttemptRecord(
                or(attempt.number(), 1),
                Times.read(attempt.scheduleTime()).orElse(dispatchedAt),
                dispatchedAt,
                Times.read(attempt.responseTime()).orElse(null),
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

    public static WrittenStatus writtenStatus(TaskStatus status) {
        Condition accepted = condition(status, Conditions.Type.Accepted);
        Condition succeeded = condition(status, Conditions.Type.Succeeded);
        if (accepted == null || succeeded == null || status.state() == null) {
            return WrittenStatus.NOTHING.with(HandledAnnotations.of(status));
        }
        Claim claim = status.claim();
        boolean isAccepted = "True".equals(accepted.getStatus());
        String message = Objects.requireNonNullElse(succeeded.getMessage(), "");
        return new WrittenStatus(
                WrittenStatus.name(status.state(), succeeded.getReason(), isAccepted, message),
                isAccepted,
                time(accepted.getLastTransitionTime()),
                time(succeeded.getLastTransitionTime()),
                status.request() != null,
                HandledAnnotations.of(status),
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
        return Times.read(text).orElse(Instant.EPOCH);
    }

    private static int or(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : Math.min(value, MAX_COUNT);
    }
}
