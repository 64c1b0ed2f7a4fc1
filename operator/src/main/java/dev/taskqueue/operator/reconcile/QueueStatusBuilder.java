package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.api.QueueState;
import dev.taskqueue.operator.api.Redrive;
import dev.taskqueue.operator.api.RunState;
import dev.taskqueue.operator.api.Stats;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import dev.taskqueue.operator.task.DocLinks;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds the status of a TaskQueue. Pure. */
final class QueueStatusBuilder {
    /** The longest message of a condition in the schema of Kubernetes. */
    private static final int MAX_MESSAGE = 32_768;

    private static final MathContext FOUR_DIGITS = new MathContext(4, RoundingMode.HALF_UP);

    private final long generation;
    private final @Nullable TaskQueueStatus before;
    private final Instant now;
    private final String refusedWrite;

    /**
     * Makes a builder for one status.
     *
     * @param before the status so far
     * @param refusedWrite names one Task whose outcome the API server refuses, and why; may be empty
     */
    QueueStatusBuilder(long generation, @Nullable TaskQueueStatus before, Instant now, String refusedWrite) {
        this.generation = generation;
        this.before = before;
        this.now = now;
        this.refusedWrite = refusedWrite;
    }

    /** The progress of the queue-wide operations. */
    record Operations(@Nullable Purge purge, @Nullable Redrive redrive) {}

    TaskQueueStatus of(
            TaskQueueSpec spec, @Nullable Hold hold, Judgement judgement, Operations operations, Stats stats) {
        var conditions = new ArrayList<Condition>();
        if (judgement instanceof Judgement.Invalid bad) {
            conditions.add(condition(Conditions.Type.Ready, false, bad.reason(), bad.message()));
            conditions.add(condition(Conditions.Type.Stalled, true, bad.reason(), bad.message()));
        } else {
            conditions.add(condition(Conditions.Type.Ready, true, Reason.Ready, "The settings are in force."));
        }
        boolean paused = spec.state() == RunState.Paused;
        if (hold != null) {
            conditions.add(condition(Conditions.Type.Paused, true, Reason.Held, hold.message()));
        } else if (paused) {
            conditions.add(condition(Conditions.Type.Paused, true, Reason.SpecPaused, "spec.state is Paused."));
        } else {
            conditions.add(condition(Conditions.Type.Paused, false, Reason.Running, "Tasks are dispatched."));
        }
        Condition throttled = throttled(judgement, stats);
        conditions.add(throttled);
        Condition blocked = blocked(stats);
        if (blocked != null) {
            conditions.add(blocked);
        }
        return new TaskQueueStatus(
                generation,
                conditions,
                state(judgement, hold, paused),
                reason(judgement, hold, paused, blocked != null && isTrue(blocked) ? blocked : throttled),
                operations.purge(),
                operations.redrive(),
                stats);
    }

    /** The most important reason among the conditions, for the one column that shows a reason. */
    private static String reason(Judgement judgement, @Nullable Hold hold, boolean paused, Condition running) {
        if (judgement instanceof Judgement.Invalid bad) {
            return bad.reason().name();
        }
        if (hold != null) {
            return hold.summary();
        }
        if (paused) {
            return Reason.SpecPaused.name();
        }
        return isTrue(running) ? running.getReason() : Reason.Ready.name();
    }

    private static boolean isTrue(Condition condition) {
        return condition.getStatus().equals("True");
    }

    private static QueueState state(Judgement judgement, @Nullable Hold hold, boolean paused) {
        if (judgement instanceof Judgement.Invalid) {
            return QueueState.Invalid;
        }
        if (hold != null) {
            return QueueState.Held;
        }
        return paused ? QueueState.Paused : QueueState.Running;
    }

    private Condition throttled(Judgement judgement, Stats stats) {
        Quantity enforced = stats.enforcedDispatchesPerSecond();
        if (judgement instanceof Judgement.Valid good && enforced != null) {
            double limit = good.profile().settings().rate().perSecond();
            if (enforced.getNumericalAmount().doubleValue() < limit * 0.999) {
                return condition(
                        Conditions.Type.Throttled,
                        true,
                        Reason.Overloaded,
                        "The workers answered with 429, 503 or other 5xx too often; the rate is %s of %s a second and recovers by itself."
                                .formatted(enforced, quantity(limit)));
            }
        }
        return condition(Conditions.Type.Throttled, false, Reason.FullRate, "The rate is not slowed down.");
    }

    /** Null if it was never True. Most queues are never blocked. */
    private @Nullable Condition blocked(Stats stats) {
        Map<String, Integer> waiting = stats.waiting() == null ? Map.of() : stats.waiting();
        int refused = waiting.getOrDefault(Reason.WriteRefused.name(), 0);
        if (refused > 0) {
            String message = "The API server refuses to have the outcomes of Tasks written; %d %s for it.%s"
                    .formatted(refused, refused == 1 ? "Task waits" : "Tasks wait", refusedWrite);
            return condition(Conditions.Type.Blocked, true, Reason.WriteRefused, message);
        }
        boolean wasBlocked = known().stream().anyMatch(known -> known.getType().equals(Conditions.Type.Blocked.name()));
        return wasBlocked
                ? condition(Conditions.Type.Blocked, false, Reason.NotBlocked, "No outcome waits to be written.")
                : null;
    }

    private List<Condition> known() {
        return before == null || before.conditions() == null ? List.of() : before.conditions();
    }

    private Condition condition(Conditions.Type type, boolean status, Reason reason, String message) {
        String text = status ? "True" : "False";
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus(text)
                .withReason(reason.name())
                .withMessage(DocLinks.append(message, reason, MAX_MESSAGE))
                .withObservedGeneration(generation)
                .withLastTransitionTime(since(type, text))
                .build();
    }

    private String since(Conditions.Type type, String status) {
        for (Condition condition : known()) {
            if (type.name().equals(condition.getType()) && status.equals(condition.getStatus())) {
                return condition.getLastTransitionTime();
            }
        }
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static Stats stats(QueueStats stats, int failedRetained) {
        var waiting = new TreeMap<String, Integer>();
        stats.waiting().forEach((reason, count) -> waiting.put(reason.name(), count));
        Instant oldest = stats.oldestDueAt();
        return new Stats(
                stats.tasks(),
                stats.scheduled(),
                stats.queued(),
                stats.dispatching(),
                stats.backingOff(),
                failedRetained,
                oldest == null ? null : oldest.truncatedTo(ChronoUnit.SECONDS).toString(),
                stats.executedLastMinute(),
                quantity(stats.enforcedPerSecond()),
                waiting.isEmpty() ? null : Map.copyOf(waiting),
                null);
    }

    private static Quantity quantity(double perSecond) {
        BigDecimal rate = BigDecimal.valueOf(perSecond);
        // Four digits also for a rate of a few thousandths, so that rounding does not look like throttling.
        return new Quantity((perSecond < 1 ? rate.round(FOUR_DIGITS) : rate.setScale(3, RoundingMode.HALF_UP))
                .stripTrailingZeros()
                .toPlainString());
    }
}
