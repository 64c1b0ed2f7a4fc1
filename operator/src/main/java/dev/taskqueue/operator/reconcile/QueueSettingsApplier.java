package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Applies what TaskQueues say to the engine. The newest version of each counts, whether the watch or a list has shown it. Thread-safe. */
final class QueueSettingsApplier {
    private final Engine engine;
    private final QueueProfiles queues;
    private final DeadLetterIndex deadLetters;
    private final Consumer<QueueId> changed;
    private final Map<QueueId, QueueProfile> profiles = new ConcurrentHashMap<>();
    private final ReadVersions readVersions = new ReadVersions();

    /** @param changed called with each queue that has other settings than before */
    QueueSettingsApplier(Engine engine, QueueProfiles queues, DeadLetterIndex deadLetters, Consumer<QueueId> changed) {
        this.engine = engine;
        this.queues = queues;
        this.deadLetters = deadLetters;
        this.changed = changed;
    }

    /** The queues that exist. */
    Set<QueueId> known() {
        return profiles.keySet();
    }

    /**
     * Applies a queue as the watch shows it.
     *
     * @return false if a newer version was read past the watch. Then nothing is applied
     */
    synchronized boolean apply(QueueReading queue, Instant steady) {
        if (readVersions.isOutdated(queue.id(), queue.version(), steady)) {
            return false;
        }
        apply(queue);
        return true;
    }

    /**
     * Applies all queues of a namespace as a list past the watch shows them.
     *
     * @param namespace empty = all
     * @param version the resourceVersion of the list
     * @return the queues that exist no more; the settings of these are removed
     */
    synchronized Set<QueueId> adopt(String namespace, List<QueueReading> listed, long version, Instant steady) {
        Set<QueueId> gone = new HashSet<>(profiles.keySet());
        gone.removeIf(id -> !namespace.isEmpty() && !namespace.equals(id.namespace()));
        for (QueueReading queue : listed) {
            gone.remove(queue.id());
            readVersions.read(queue.id(), queue.version(), steady);
            apply(queue);
        }
        for (QueueId id : gone) {
            remove(id);
            readVersions.read(id, version, steady);
        }
        return gone;
    }

    /** The watch shows that a queue was deleted. */
    synchronized void forget(QueueId id) {
        readVersions.forget(id);
        remove(id);
    }

    private void remove(QueueId id) {
        profiles.remove(id);
        queues.remove(id);
        engine.removeQueue(id);
        deadLetters.update(id, false);
        deadLetters.createdOrDeleted(id);
    }

    private void apply(QueueReading queue) {
        QueueProfile profile = profile(queue.spec(), queue.judgement(), profiles.get(queue.id()))
                .withPause(PauseWords.of(queue.spec(), queue.hold(), queue.judgement()))
                .withGeneration(queue.queue().getMetadata().getGeneration());
        put(queue.id(), profile, queue.isNew());
        deadLetters.update(queue.id(), QueueProfile.deadLetterQueue(queue.spec()) != null);
    }

    private void put(QueueId id, QueueProfile profile, boolean isNew) {
        QueueProfile before = profiles.put(id, profile);
        if (before == null) {
            deadLetters.createdOrDeleted(id);
        }
        if (profile.equals(before)) {
            return;
        }
        queues.put(id, profile);
        changed.accept(id);
        // This comes first, because the new settings may resume the queue: requests prepared before are outdated.
        if (before == null || !profile.makesSameRequestsAs(before)) {
            engine.discardPrepared(id);
        }
        engine.applySettings(id, profile.settings(), isNew);
        engine.wake(new Obstacle.Subject(Obstacle.Kind.TaskQueue, id.namespace(), id.name()));
    }

    /** @param before the profile in force until now; null if there is none */
    static QueueProfile profile(TaskQueueSpec spec, Judgement judgement, @Nullable QueueProfile before) {
        return switch (judgement) {
            case Judgement.Valid good -> good.profile();
            // Attempts in flight end by the queue's own rules, including its dead letters.
            case Judgement.Invalid bad ->
                bad.reason() == Reason.DeadLetterChain
                        ? QueueProfile.read(spec, true)
                        : QueueProfile.paused(spec, before);
        };
    }
}
