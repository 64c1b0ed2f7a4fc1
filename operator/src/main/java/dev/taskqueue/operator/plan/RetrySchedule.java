package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * When a Task is tried that fails every time, counted from its first attempt.
 *
 * @param rows every attempt, but no more than {@value #MOST}
 * @param endAt when it is given up, expired, or was looked at no further
 */
record RetrySchedule(List<Row> rows, End end, Duration endAt) {
    /** So many attempts are looked at. */
    static final int MOST = 200_000;

    /**
     * One attempt.
     *
     * @param pause since the end of the one before; zero of the first
     * @param at when it leaves
     */
    record Row(int attempt, Duration pause, Duration at) {}

    enum End {
        /** The queue's retry limits are reached: RetriesExhausted. */
        GIVEN_UP,
        /** It has not ended within retention.unfinished. */
        EXPIRED,
        /** It goes on beyond the last attempt looked at. */
        GOES_ON
    }

    /** Random numbers that add nothing, so that the table has the shortest times. */
    private static final RandomGenerator NO_JITTER = () -> 0L;

    /** Random numbers that add all that jitter may add. */
    private static final RandomGenerator FULL_JITTER = () -> -1L;

    /** Where jitter adds nothing. */
    static RetrySchedule shortest(RetryPolicy retry, Duration attempt, Duration unfinished) {
        return of(retry, attempt, unfinished, NO_JITTER);
    }

    /** Where jitter adds all it may. */
    static RetrySchedule longest(RetryPolicy retry, Duration attempt, Duration unfinished) {
        return of(retry, attempt, unfinished, FULL_JITTER);
    }

    private static RetrySchedule of(RetryPolicy retry, Duration attempt, Duration unfinished, RandomGenerator random) {
        var outcome = new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "");
        var rows = new ArrayList<Row>();
        AttemptHistory progress = AttemptHistory.NONE;
        Duration pause = Duration.ZERO;
        Duration at = Duration.ZERO;
        while (rows.size() < MOST) {
            if (at.compareTo(unfinished) >= 0) {
                return new RetrySchedule(rows, End.EXPIRED, unfinished);
            }
            rows.add(new Row(rows.size() + 1, pause, at));
            Instant left = Instant.EPOCH.plus(at);
            Instant ended = left.plus(attempt);
            progress = progress.plus(left, left, ended, outcome);
            switch (retry.after(progress, outcome, ended, random)) {
                case Verdict.Finish _ -> {
                    return new RetrySchedule(rows, End.GIVEN_UP, at.plus(attempt));
                }
                case Verdict.RetryAfter again -> pause = inWholeMillis(again.delay());
            }
            at = at.plus(attempt).plus(pause);
        }
        return new RetrySchedule(rows, End.GOES_ON, at);
    }

    /** The engine's due times are whole milliseconds, rounded up. */
    private static Duration inWholeMillis(Duration pause) {
        return pause.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
    }

    int attempts() {
        return rows.size();
    }

    Duration longestPause() {
        return rows.stream().map(Row::pause).max(Duration::compareTo).orElse(Duration.ZERO);
    }
}
