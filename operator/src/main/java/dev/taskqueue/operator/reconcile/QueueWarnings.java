package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.OperatorSetting;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Says in the condition Ready of a valid queue what its Tasks will meet: a dead-letter queue or a Service that does not exist, a deadline above the
 * operator's limit, a burst that outweighs the rate. The queue stays ready, since each of these may be meant, or may change at any time.
 */
final class QueueWarnings {
    private final QueuePorts.TargetCheck targets;
    private final Duration maxDispatchDeadline;
    private final QueueProfiles queues;
    private final Predicate<QueueId> exists;
    /** The last warnings of each queue whose {@code httpTarget} names a Service, by that Service. */
    private final Map<Obstacle.Subject, Map<QueueId, Warned>> byService = new ConcurrentHashMap<>();

    private final Map<QueueId, Obstacle.Subject> services = new ConcurrentHashMap<>();

    private record Warned(QueueProfile profile, String words) {}

    /**
     * Makes the warnings of all queues.
     *
     * @param maxDispatchDeadline the operator's own limit
     * @param exists whether there is such a TaskQueue
     */
    QueueWarnings(
            QueuePorts.TargetCheck targets,
            Duration maxDispatchDeadline,
            QueueProfiles queues,
            Predicate<QueueId> exists) {
        this.targets = targets;
        this.maxDispatchDeadline = maxDispatchDeadline;
        this.queues = queues;
        this.exists = exists;
    }

    /** The warnings as sentences; empty if there are none. */
    String of(QueueId queue, QueueProfile profile) {
        forget(queue);
        Obstacle.Subject service = service(queue, profile.httpTarget());
        String words = words(queue, profile);
        if (service != null) {
            services.put(queue, service);
            byService.compute(service, (_, warned) -> {
                Map<QueueId, Warned> all = warned == null ? new ConcurrentHashMap<>() : warned;
                all.put(queue, new Warned(profile, words));
                return all;
            });
        }
        return words;
    }

    void forget(QueueId queue) {
        Obstacle.Subject service = services.remove(queue);
        if (service != null) {
            byService.computeIfPresent(service, (_, warned) -> {
                warned.remove(queue);
                return warned.isEmpty() ? null : warned;
            });
        }
    }

    /** The queues whose warnings are other ones now that this object has changed. */
    Set<QueueId> changedBy(Obstacle.Subject object) {
        Map<QueueId, Warned> warned = byService.getOrDefault(object.object(), Map.of());
        var changed = ConcurrentHashMap.<QueueId>newKeySet();
        warned.forEach((queue, last) -> {
            if (!words(queue, last.profile()).equals(last.words())) {
                changed.add(queue);
            }
        });
        return changed;
    }

    private static Obstacle.@Nullable Subject service(QueueId queue, @Nullable HttpTarget target) {
        return target == null
                        || target.serviceRef() == null
                        || target.serviceRef().name() == null
                ? null
                : new Obstacle.Subject(
                        Obstacle.Kind.Service,
                        queue.namespace(),
                        target.serviceRef().name());
    }

    private String words(QueueId queue, QueueProfile profile) {
        var sentences = new ArrayList<String>();
        addDeadLetterQueue(queue, profile.deadLetterQueue(), sentences);
        if (service(queue, profile.httpTarget()) != null) {
            targets.problem(queue, Objects.requireNonNull(profile.httpTarget()))
                    .ifPresent(problem -> sentences.add("spec.httpTarget.serviceRef: " + problem));
        }
        addDeadline(profile.dispatchDeadline(), sentences);
        RateLimit rate = profile.settings().rate();
        if (rate.isBurstLarge()) {
            sentences.add("Up to %d Tasks leave at once (spec.rateLimits.maxBurstSize), then %s."
                    .formatted(rate.burst(), pace(rate.perSecond())));
        }
        return String.join(" ", sentences);
    }

    private void addDeadLetterQueue(QueueId queue, @Nullable String name, List<String> sentences) {
        if (name == null) {
            return;
        }
        var recipient = new QueueId(queue.namespace(), name);
        if (!exists.test(recipient)) {
            String similar = queues.similar(recipient);
            sentences.add(
                    "TaskQueue %s, which spec.deadLetter.queueRef names, does not exist: dead letters wait until it is created.%s"
                            .formatted(recipient, similar == null ? "" : " Did you mean " + similar + "?"));
        }
    }

    private void addDeadline(Duration deadline, List<String> sentences) {
        if (deadline.compareTo(maxDispatchDeadline) > 0) {
            sentences.add(
                    "spec.dispatchDeadline %s is above %s of the operator's %s: Tasks that name none of their own wait with LimitExceeded."
                            .formatted(
                                    Durations.format(deadline),
                                    Durations.format(maxDispatchDeadline),
                                    OperatorSetting.MAX_DISPATCH_DEADLINE));
        }
    }

    private static String pace(double perSecond) {
        return perSecond < 1
                ? "one every " + Durations.words(Duration.ofMillis(Math.round(1000 / perSecond)))
                : QueueReport.quantity(perSecond) + " a second";
    }
}
