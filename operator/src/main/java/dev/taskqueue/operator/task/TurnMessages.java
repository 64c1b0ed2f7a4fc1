package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.engine.Turn;
import dev.taskqueue.operator.engine.TurnRules;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the status of a due Task, or of a TaskBatch in a paused queue, says about its turn. That of a Task is written once and not corrected when the
 * cause changes. So each sentence says when it was true.
 */
public final class TurnMessages {
    private static final MathContext FOUR_DIGITS = new MathContext(4);

    private TurnMessages() {}

    public static Reason reason(@Nullable Turn turn) {
        return turn != null && turn.cause() instanceof Turn.Paused paused
                ? switch (paused.by()) {
                    case SPEC -> Reason.QueuePaused;
                    case HOLD -> Reason.QueueHeld;
                    case INVALID_SPEC, UNKNOWN -> Reason.Queued;
                }
                : Reason.Queued;
    }

    public static String message(Instant dueAt, @Nullable Turn turn) {
        String due = "Due since " + Times.format(dueAt);
        if (turn == null || turn.cause() instanceof Turn.Next) {
            return due + "; it waits for its turn in the queue.";
        }
        return due + ". At " + Times.formatSeconds(turn.at()) + " " + words(turn.cause()) + ".";
    }

    private static String words(Turn.Cause cause) {
        return switch (cause) {
            case Turn.Paused paused -> "the queue was " + (paused.words().isEmpty() ? "paused" : paused.words());
            case Turn.SlotsTaken taken -> {
                Instant since = taken.longestSince();
                String slots = taken.slots() == 1
                        ? "the only slot of the queue was taken"
                        : "all %d slots of the queue were taken".formatted(taken.slots());
                String longest = taken.slots() == 1 ? ", since " : ", the longest since ";
                yield since == null ? slots : slots + longest + Times.formatSeconds(since);
            }
            case Turn.RateSpent spent -> rate(spent);
            case Turn.OperatorFull _ -> "the operator had as many requests open as it may, over all queues";
            case Turn.Next _ -> "it was the next one";
        };
    }

    private static String rate(Turn.RateSpent spent) {
        boolean more = spent.before() >= TurnRules.MOST_COUNTED;
        String before = spent.before() == 1
                ? "1 Task was before it"
                : "%,d%s Tasks were before it".formatted(spent.before(), more ? " or more" : "");
        String rate = spent.perSecond() < spent.limit() * 0.999
                ? "overload had lowered the rate to %s of %s a second"
                        .formatted(number(spent.perSecond()), number(spent.limit()))
                : "the rate was %s a second".formatted(number(spent.perSecond()));
        var takes = Duration.ofSeconds((long) Math.ceil((spent.before() + 1) / spent.perSecond()));
        return "%s and %s: %s %s".formatted(rate, before, more ? "at least" : "about", Durations.words(takes));
    }

    private static String number(double perSecond) {
        return BigDecimal.valueOf(perSecond)
                .round(FOUR_DIGITS)
                .stripTrailingZeros()
                .toPlainString();
    }
}
