package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.Stats;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.DueHours;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.task.DocLinks;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the status of a queue says about its Tasks. Both parts are of the same moment, and are written together.
 *
 * @param blocked null if no Task waits for an obstacle
 */
record QueueReport(Stats stats, @Nullable Blocked blocked) {
    /** The longest message of a condition in the schema of Kubernetes. */
    private static final int MAX_MESSAGE = 32_768;

    private static final MathContext FOUR_DIGITS = new MathContext(4, RoundingMode.HALF_UP);

    /**
     * What the condition Blocked says.
     *
     * @param reason the reason for which most Tasks wait
     * @param message the whole message of the condition
     * @param summary the counts in a few words
     */
    record Blocked(String reason, String message, String summary) {}

    /** How many finished objects of the queue still exist. */
    record Retained(int succeeded, int failed) {}

    /**
     * The report of this moment.
     *
     * @param refusedWrite names one Task whose outcome the API server refuses, and why; may be empty
     */
    static QueueReport of(QueueStats now, Retained retained, String refusedWrite) {
        var waiting = new TreeMap<String, Integer>();
        now.waiting().forEach((reason, count) -> waiting.put(reason.name(), count));
        Instant oldest = now.oldestDueAt();
        var stats = new Stats(
                now.tasks(),
                now.scheduled(),
                now.queued(),
                now.dispatching(),
                now.backingOff(),
                retained.failed(),
                oldest == null ? null : oldest.truncatedTo(ChronoUnit.SECONDS).toString(),
                now.executedLastMinute(),
                quantity(now.enforcedPerSecond()),
                waiting.isEmpty() ? null : Map.copyOf(waiting),
                sum(now.waiting()),
                byHour(now.dueHours()),
                now.dueHours().later(),
                retained.succeeded());
        Obstacle.Reason commonest = QueueStats.commonest(now.waiting());
        if (commonest == null) {
            return new QueueReport(stats, null);
        }
        Reason reason = Reason.valueOf(commonest.name());
        String message = DocLinks.append(message(now, refusedWrite), reason, MAX_MESSAGE);
        return new QueueReport(stats, new Blocked(reason.name(), message, counts(waiting)));
    }

    /** The report that status has already; null if it has none. */
    static @Nullable QueueReport of(@Nullable TaskQueueStatus before) {
        Stats stats = before == null ? null : before.stats();
        if (before == null || stats == null) {
            return null;
        }
        Map<String, Integer> waiting = stats.waiting();
        Condition condition = before.conditions() == null
                ? null
                : before.conditions().stream()
                        .filter(known -> Conditions.Type.Blocked.name().equals(known.getType())
                                && "True".equals(known.getStatus()))
                        .findFirst()
                        .orElse(null);
        return new QueueReport(
                stats,
                condition == null || waiting == null
                        ? null
                        : new Blocked(condition.getReason(), condition.getMessage(), counts(waiting)));
    }

    private static @Nullable Map<String, Integer> byHour(DueHours due) {
        if (due.byHour().isEmpty()) {
            return null;
        }
        var byHour = new TreeMap<String, Integer>();
        due.byHour()
                .forEach((hour, number) ->
                        byHour.put(hour.atOffset(ZoneOffset.UTC).toString(), number));
        return byHour;
    }

    /**
     * Whether this is no reason to write status again. When Tasks are due and how many succeeded ones still exist is written along with the other
     * numbers, and never alone: else the deletes of an idle queue would cost a write each few seconds. A status that an earlier version wrote
     * has none of these numbers, and is written once.
     */
    boolean isNotWorthAWriteAfter(QueueReport written) {
        return written.stats.succeededRetained() != null
                && Objects.equals(blocked, written.blocked)
                && withoutCompanions(stats).equals(withoutCompanions(written.stats));
    }

    private static Stats withoutCompanions(Stats stats) {
        return new Stats(
                stats.tasks(),
                stats.scheduled(),
                stats.queued(),
                stats.dispatching(),
                stats.backingOff(),
                stats.failedRetained(),
                stats.oldestDueTime(),
                stats.executedLastMinute(),
                stats.enforcedDispatchesPerSecond(),
                stats.waiting(),
                stats.blocked(),
                null,
                null,
                null);
    }

    private static String message(QueueStats now, String refusedWrite) {
        int all = sum(now.waiting());
        if (now.waiting().keySet().equals(Set.of(Obstacle.Reason.WriteRefused))) {
            return "The API server refuses to have the outcomes of Tasks written; %d %s for it.%s"
                    .formatted(all, all == 1 ? "Task waits" : "Tasks wait", refusedWrite);
        }
        var byName = new TreeMap<String, Integer>();
        now.waiting().forEach((reason, count) -> byName.put(reason.name(), count));
        QueueStats.Example example = now.example();
        return "%d %s for something that must change: %s.%s"
                .formatted(
                        all,
                        all == 1 ? "Task waits" : "Tasks wait",
                        counts(byName),
                        example == null
                                ? refusedWrite
                                : " One of them is %s: %s"
                                        .formatted(
                                                name(example.delivery().key()),
                                                example.obstacle().message()));
    }

    private static String name(DeliveryKey delivery) {
        return switch (delivery) {
            case TaskId task -> "Task " + task.name();
            case ItemId item ->
                "item %d of TaskBatch %s".formatted(item.index(), item.batch().name());
        };
    }

    private static int sum(Map<?, Integer> waiting) {
        return waiting.values().stream().mapToInt(count -> count).sum();
    }

    /** The commonest first. */
    private static String counts(Map<String, Integer> waiting) {
        List<Map.Entry<String, Integer>> sorted = waiting.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList();
        return sorted.stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    static Quantity quantity(double perSecond) {
        BigDecimal rate = BigDecimal.valueOf(perSecond);
        // Four digits also for a rate of a few thousandths, so that rounding does not look like throttling.
        return new Quantity((perSecond < 1 ? rate.round(FOUR_DIGITS) : rate.setScale(3, RoundingMode.HALF_UP))
                .stripTrailingZeros()
                .toPlainString());
    }
}
