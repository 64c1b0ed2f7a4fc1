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
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import dev.taskqueue.operator.task.DocLinks;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds the status of a TaskQueue. Pure. */
final class QueueStatusBuilder {
    /** The longest message of a condition in the schema of Kubernetes. */
    private static final int MAX_MESSAGE = 32_768;

    /** The longest {@code status.reason} of the CRD. */
    private static final int MAX_REASON = 256;

    private final long generation;
    private final @Nullable TaskQueueStatus before;
    private final Instant now;
    private final String warnings;

    /**
     * Makes a builder for one status.
     *
     * @param before the status so far
     * @param warnings sentences about a queue that is ready; may be empty
     */
    QueueStatusBuilder(long generation, @Nullable TaskQueueStatus before, Instant now, String warnings) {
        this.generation = generation;
        this.before = before;
        this.now = now;
        this.warnings = warnings;
    }

    /** The progress of the queue-wide operations. */
    record Operations(@Nullable Purge purge, @Nullable Redrive redrive) {}

    TaskQueueStatus of(
            TaskQueueSpec spec, @Nullable Hold hold, Judgement judgement, Operations operations, QueueReport report) {
        var conditions = new ArrayList<Condition>();
        if (judgement instanceof Judgement.Invalid bad) {
            conditions.add(condition(Conditions.Type.Ready, false, bad.reason(), bad.message()));
            conditions.add(condition(Conditions.Type.Stalled, true, bad.reason(), bad.message()));
        } else {
            conditions.add(condition(Conditions.Type.Ready, true, Reason.Ready, ready()));
        }
        boolean paused = spec.state() == RunState.Paused;
        if (hold != null) {
            conditions.add(condition(Conditions.Type.Paused, true, Reason.Held, hold.message()));
        } else if (paused) {
            conditions.add(condition(Conditions.Type.Paused, true, Reason.SpecPaused, "spec.state is Paused."));
        } else {
            conditions.add(condition(Conditions.Type.Paused, false, Reason.Running, "Tasks are dispatched."));
        }
        Condition throttled = throttled(judgement, report.stats());
        conditions.add(throttled);
        addBlocked(report.blocked(), conditions);
        return new TaskQueueStatus(
                generation,
                conditions,
                state(judgement, hold, paused),
                reason(judgement, hold, paused, running(report.blocked(), throttled)),
                operations.purge(),
                operations.redrive(),
                report.stats());
    }

    private String ready() {
        return warnings.isEmpty() ? "The settings are in force." : "The settings are in force. But: " + warnings;
    }

    /** The most important reason among the conditions, for the one column that shows a reason. */
    private static String reason(Judgement judgement, @Nullable Hold hold, boolean paused, String running) {
        if (judgement instanceof Judgement.Invalid bad) {
            return bad.reason().name();
        }
        if (hold != null) {
            return hold.summary();
        }
        if (paused) {
            return Reason.SpecPaused.name();
        }
        return running;
    }

    /** The reason of a queue that dispatches. */
    private static String running(QueueReport.@Nullable Blocked blocked, Condition throttled) {
        if (blocked != null) {
            return cut("Blocked: " + blocked.summary());
        }
        return throttled.getStatus().equals("True") ? throttled.getReason() : Reason.Ready.name();
    }

    private static String cut(String reason) {
        return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON - 3) + "...";
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
                                .formatted(enforced, QueueReport.quantity(limit)));
            }
        }
        return condition(Conditions.Type.Throttled, false, Reason.FullRate, "The rate is not slowed down.");
    }

    /** A queue that was never blocked has no such condition: most queues never are. */
    private void addBlocked(QueueReport.@Nullable Blocked blocked, List<Condition> conditions) {
        if (blocked != null) {
            conditions.add(condition(Conditions.Type.Blocked, "True", blocked.reason(), blocked.message()));
        } else if (known().stream()
                .anyMatch(known -> Conditions.Type.Blocked.name().equals(known.getType()))) {
            conditions.add(condition(
                    Conditions.Type.Blocked,
                    false,
                    Reason.NotBlocked,
                    "No Task waits for something that must change."));
        }
    }

    private List<Condition> known() {
        return before == null || before.conditions() == null ? List.of() : before.conditions();
    }

    private Condition condition(Conditions.Type type, boolean status, Reason reason, String message) {
        return condition(type, status ? "True" : "False", reason.name(), DocLinks.append(message, reason, MAX_MESSAGE));
    }

    private Condition condition(Conditions.Type type, String status, String reason, String message) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since(type, status))
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
}
