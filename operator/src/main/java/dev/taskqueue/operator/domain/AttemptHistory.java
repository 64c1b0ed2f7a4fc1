package dev.taskqueue.operator.domain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attempts that a Task has behind it. Immutable; every attempt makes a new one.
 *
 * @param dispatches attempts sent over the whole life of the Task ({@code status.dispatchCount})
 * @param responses attempts that got an HTTP answer ({@code status.responseCount})
 * @param executions attempts that got an HTTP answer outside 5xx ({@code status.executionCount})
 * @param round 1 since creation; each redrive begins the next one ({@code status.round.number})
 * @param roundAttempts attempts sent since creation or since the last redrive; the retry limits and the handler's headers count these
 * @param roundResponses those of {@code roundAttempts} that got an HTTP answer
 * @param roundExecutions those of {@code roundAttempts} that got an HTTP answer outside 5xx
 * @param firstDispatchAt when the first of {@code roundAttempts} left; null before it
 * @param recent the last {@value #KEPT} attempts, oldest first
 */
public record AttemptHistory(
        int dispatches,
        int responses,
        int executions,
        int round,
        int roundAttempts,
        int roundResponses,
        int roundExecutions,
        @Nullable Instant firstDispatchAt,
        List<AttemptRecord> recent) {

    /** How many attempts {@code status.attempts} keeps. */
    public static final int KEPT = 5;

    /** Nothing was sent yet. */
    public static final AttemptHistory NONE = new AttemptHistory(0, 0, 0, 1, 0, 0, 0, null, List.of());

    public AttemptHistory {
        recent = List.copyOf(recent);
    }

    public @Nullable AttemptRecord last() {
        return recent.isEmpty() ? null : recent.getLast();
    }

    /** The last attempt since creation or since the last redrive. */
    public @Nullable AttemptRecord lastOfRound() {
        return roundAttempts == 0 ? null : last();
    }

    /** This history with one more attempt, which was due, left and ended at the given times. */
    public AttemptHistory plus(Instant scheduledAt, Instant dispatchedAt, Instant endedAt, Outcome outcome) {
        return plus(scheduledAt, dispatchedAt, endedAt, outcome, "");
    }

    /**
     * The same, with one more sentence in the attempt's message.
     *
     * @param note the sentence; may be empty
     */
    public AttemptHistory plus(
            Instant scheduledAt, Instant dispatchedAt, Instant endedAt, Outcome outcome, String note) {
        Integer code = outcome instanceof Outcome.Answered answered ? (Integer) answered.statusCode() : null;
        String message = note.isEmpty() ? outcome.message() : outcome.message() + " " + note;
        return plus(new AttemptRecord(
                dispatches + 1, scheduledAt, dispatchedAt, endedAt, code, outcome.reason(), message, snippet(outcome)));
    }

    /** Workers often fail with the same words. Attempts share one object then. */
    private @Nullable ResponseSnippet snippet(Outcome outcome) {
        ResponseSnippet snippet = outcome instanceof Outcome.Answered answered ? answered.snippet() : null;
        AttemptRecord last = last();
        return snippet != null && last != null && snippet.equals(last.snippet()) ? last.snippet() : snippet;
    }

    /** This history with one more attempt, whose end is unknown because the operator died. */
    public AttemptHistory plusInterrupted(Instant scheduledAt, Instant dispatchedAt) {
        return plus(new AttemptRecord(
                dispatches + 1,
                scheduledAt,
                dispatchedAt,
                null,
                null,
                AttemptReason.Interrupted,
                "The operator stopped with this attempt in flight; whether the worker saw it is unknown."));
    }

    private AttemptHistory plus(AttemptRecord attempt) {
        Integer code = attempt.statusCode();
        int response = code == null ? 0 : 1;
        int execution = code == null || code / 100 == 5 ? 0 : 1;
        var kept = new ArrayList<>(recent.subList(Math.max(0, recent.size() - KEPT + 1), recent.size()));
        kept.add(attempt);
        return new AttemptHistory(
                dispatches + 1,
                responses + response,
                executions + execution,
                round,
                roundAttempts + 1,
                roundResponses + response,
                roundExecutions + execution,
                firstDispatchAt == null ? attempt.dispatchedAt() : firstDispatchAt,
                kept);
    }
}
