package dev.taskqueue.operator.domain;

import java.time.Instant;
import java.util.List;

/**
 * The attempts that an item of a TaskBatch has behind it, as far as status keeps them: enough for the headers, the retry limits and the timetable. It is
 * much smaller than an {@link AttemptHistory}, because a batch may have a thousand of them.
 *
 * @param attempts attempts sent since creation or since the last redrive
 * @param responses those that got an HTTP answer
 * @param executions those that got an HTTP answer outside 5xx
 * @param firstAt when the first of them left, in epoch milliseconds; 0 before it
 * @param lastAt when the last of them left, in epoch milliseconds; 0 if there is none, or if it is not known any more
 * @param lastCode the HTTP status of the last of them; 0 = no answer, or no attempt
 * @param timedOut whether the last of them had no answer by its deadline
 * @param earlier attempts sent before the last redrive
 */
public record ItemAttempts(
        int attempts,
        int responses,
        int executions,
        long firstAt,
        long lastAt,
        int lastCode,
        boolean timedOut,
        int earlier) {
    /** Nothing was sent yet. */
    public static final ItemAttempts NONE = new ItemAttempts(0, 0, 0, 0, 0, 0, false, 0);

    /** What is kept of a history. */
    public static ItemAttempts of(AttemptHistory history) {
        Instant first = history.firstDispatchAt();
        AttemptRecord last = history.lastOfRound();
        return new ItemAttempts(
                history.roundAttempts(),
                history.roundResponses(),
                history.roundExecutions(),
                first == null ? 0 : first.toEpochMilli(),
                last == null ? 0 : last.dispatchedAt().toEpochMilli(),
                last == null || last.statusCode() == null ? 0 : last.statusCode(),
                last != null && last.reason() == AttemptReason.DeadlineExceeded,
                history.dispatches() - history.roundAttempts());
    }

    /** Nothing was sent in this round. */
    public static ItemAttempts none(int earlier) {
        return new ItemAttempts(0, 0, 0, 0, 0, 0, false, earlier);
    }

    /** All attempts over the whole life of the item. */
    public int total() {
        return earlier + attempts;
    }

    /** The item starts again: the attempts so far are earlier ones. */
    public ItemAttempts redriven() {
        return none(total());
    }

    /** The history that the engine goes on with. */
    public AttemptHistory history(int round) {
        if (attempts == 0) {
            return new AttemptHistory(earlier, 0, 0, round, 0, 0, 0, null, List.of());
        }
        return new AttemptHistory(
                total(),
                responses,
                executions,
                round,
                attempts,
                responses,
                executions,
                Instant.ofEpochMilli(firstAt),
                List.of(last()));
    }

    /** The last attempt. Its reason is only as exact as what status keeps of it. */
    private AttemptRecord last() {
        Instant at = Instant.ofEpochMilli(lastAt == 0 ? firstAt : lastAt);
        return new AttemptRecord(
                total(), at, at, lastCode == 0 ? null : at, lastCode == 0 ? null : (Integer) lastCode, reason(), "");
    }

    private AttemptReason reason() {
        if (lastCode != 0) {
            return AttemptReason.ofStatus(lastCode);
        }
        return timedOut ? AttemptReason.DeadlineExceeded : AttemptReason.ConnectionClosed;
    }
}
