package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.ResponseSnippet;
import dev.taskqueue.operator.engine.Offer;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the status of a Task: its attempts so far, its claim, and what the conditions say. */
public final class StatusReader {
    /** Counts have 32 bits. Others may write status, too, and may have written the largest one. */
    private static final int MAX_COUNT = 2_000_000_000;

    /** The time that the process with the claim may need after the deadline to write that there was no answer. */
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
        int responses = or(status.responseCount(), 0);
        int executions = or(status.executionCount(), 0);
        Attempt last = status.lastAttempt();
        List<Attempt> attempts =
                status.attempts() != null ? status.attempts() : last == null ? List.<Attempt>of() : List.of(last);
        return new AttemptHistory(
                dispatches,
                responses,
                executions,
                number,
                roundAttempts,
                round == null ? responses : or(round.responses(), 0),
                round == null ? executions : or(round.executions(), 0),
                roundAttempts == 0 ? null : firstDispatchAt(status),
                attempts.stream().map(StatusReader::record).toList());
    }

    /** The round: 1 after the creation, and one more after each redrive. */
    public static int round(TaskStatus status) {
        Round round = status.round();
        return round == null ? 1 : or(round.number(), 2);
    }

    /** The start of the queue's limit for unfinished Tasks: the creation, or the last redrive. */
    public static Instant openSince(TaskObject task) {
        return Optional.ofNullable(task.status().round())
                .flatMap(round -> Times.read(round.startTime()))
                .orElse(task.createdAt());
    }

    /**
     * The attempt that is in flight according to status; null if there is none. A claim whose times cannot be read was not written by an operator,
     * but a request may be in flight all the same: such a claim lasts until {@code latestEnd}.
     *
     * @param latestEnd the time after which no earlier process can write the outcome of its attempt
     */
    public static Offer.@Nullable Claim claim(TaskObject task, Instant latestEnd) {
        Claim claim = task.status().claim();
        if (claim == null) {
            return null;
        }
        Optional<Instant> scheduledAt = Times.read(claim.scheduleTime());
        Optional<Instant> dispatchedAt = Times.read(claim.dispatchTime());
        Instant until = claimEnd(
                Times.read(claim.deadline()).filter(_ -> scheduledAt.isPresent() && dispatchedAt.isPresent()),
                latestEnd);
        Instant left = dispatchedAt.or(() -> scheduledAt).orElse(task.createdAt());
        return new Offer.Claim(scheduledAt.orElse(left), left, until);
    }

    /**
     * Until when the outcome of a claimed attempt may be written.
     *
     * @param deadline of the attempt; empty if the claim cannot be read
     * @param latestEnd after it no earlier process writes any outcome
     */
    public static Instant claimEnd(Optional<Instant> deadline, Instant latestEnd) {
        return deadline.map(end -> end.plus(CLAIM_SLACK))
                .filter(end -> end.isBefore(latestEnd))
                .orElse(latestEnd.isBefore(Times.LAST) ? latestEnd : Times.LAST);
    }

    private static @Nullable Instant firstDispatchAt(TaskStatus status) {
        return Optional.ofNullable(status.firstAttempt())
                .flatMap(first -> Times.read(first.dispatchTime()))
                .or(() -> Optional.ofNullable(status.lastAttempt()).flatMap(last -> Times.read(last.dispatchTime())))
                .orElse(null);
    }

    private static AttemptRecord record(Attempt attempt) {
        Instant dispatchedAt = time(attempt.dispatchTime());
        String snippet = attempt.responseSnippet();
        return new AttemptRecord(
                or(attempt.number(), 1),
                Times.read(attempt.scheduleTime()).orElse(dispatchedAt),
                dispatchedAt,
                Times.read(attempt.responseTime()).orElse(null),
                attempt.statusCode(),
                reason(attempt.reason()),
                Objects.requireNonNullElse(attempt.message(), ""),
                snippet == null ? null : new ResponseSnippet(snippet));
    }

    /** A newer operator may have written a reason that is unknown here. Then the outcome of the attempt counts as unknown. */
    private static AttemptReason reason(@Nullable String name) {
        for (AttemptReason reason : AttemptReason.values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        return AttemptReason.Interrupted;
    }

    /** What the conditions and the other fields of a status say. */
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
