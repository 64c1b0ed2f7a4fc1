package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.News;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A lane's deliveries that wait for something to change, by what must change. They are never tried one by one: when the subject changes, or
 * from time to time where it is not watched, the first of them goes ahead as a probe, and the others follow once it got through.
 */
final class Blockades {
    private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(30).toNanos();

    private final Map<Subject, Blockade> bySubject = new HashMap<>();

    private static final class Blockade {
        final TreeSet<Delivery> waiting = new TreeSet<>(Delivery.ORDER);
        Obstacle obstacle;

        @Nullable Delivery probe;
        /** The subject may have changed between a look at it and now: look again. */
        boolean lookAgain;

        long pause = FIRST_PAUSE;
        long probeAt;

        Blockade(Obstacle obstacle) {
            this.obstacle = obstacle;
            this.lookAgain = news(obstacle) == News.WATCHED;
        }
    }

    /** Takes in a delivery that was found blocked. */
    void park(Delivery delivery, Obstacle obstacle, long now) {
        Blockade blockade = bySubject.get(obstacle.subject());
        if (blockade == null) {
            blockade = new Blockade(obstacle);
            blockade.probeAt = now + blockade.pause;
            bySubject.put(obstacle.subject(), blockade);
        } else if (blockade.probe == delivery) {
            blockade.probe = null;
            blockade.probeAt = now + blockade.pause;
            blockade.pause = Math.min(LONGEST_PAUSE, blockade.pause * 2);
        }
        blockade.obstacle = obstacle;
        blockade.waiting.add(delivery);
    }

    /** The subject has changed. */
    void wake(Subject subject) {
        Blockade blockade = bySubject.get(subject);
        if (blockade != null) {
            blockade.lookAgain = true;
        }
    }

    /** Those that go ahead now as probes. */
    List<Delivery> probes(long now) {
        var probes = new ArrayList<Delivery>();
        for (Blockade blockade : bySubject.values()) {
            if (blockade.probe == null && isDue(blockade, now)) {
                blockade.lookAgain = false;
                blockade.probe = blockade.waiting.pollFirst();
                if (blockade.probe != null) {
                    probes.add(blockade.probe);
                }
            }
        }
        return probes;
    }

    /** The delivery is blocked by nothing, or by something else: if it was a probe, those behind it are free. */
    Collection<Delivery> passed(Delivery delivery, @Nullable Subject blockedBy) {
        for (var entry : bySubject.entrySet()) {
            if (entry.getValue().probe == delivery && !entry.getKey().equals(blockedBy)) {
                bySubject.remove(entry.getKey());
                return entry.getValue().waiting;
            }
        }
        return List.of();
    }

    /** The delivery waits here no longer; as a probe it is still answered for. */
    void leave(Delivery delivery) {
        bySubject.values().forEach(blockade -> blockade.waiting.remove(delivery));
        dropEmpty();
    }

    /** The delivery is no more: if it was a probe, another one takes its place. */
    void remove(Delivery delivery) {
        for (Blockade blockade : bySubject.values()) {
            if (blockade.probe == delivery) {
                blockade.probe = null;
                blockade.lookAgain = true;
            }
        }
        leave(delivery);
    }

    private void dropEmpty() {
        bySubject.values().removeIf(blockade -> blockade.waiting.isEmpty() && blockade.probe == null);
    }

    /** When the next probe is due by time alone; {@link Long#MAX_VALUE} when none is. */
    long nextProbeAt(long now) {
        long next = Long.MAX_VALUE;
        for (Blockade blockade : bySubject.values()) {
            if (blockade.probe == null && news(blockade.obstacle) == News.PROBED) {
                next = Math.min(next, Math.max(now, blockade.probeAt));
            }
        }
        return next;
    }

    @Nullable Obstacle obstacleOf(Delivery delivery) {
        for (Blockade blockade : bySubject.values()) {
            if (blockade.probe == delivery || blockade.waiting.contains(delivery)) {
                return blockade.obstacle;
            }
        }
        return null;
    }

    boolean isEmpty() {
        return bySubject.isEmpty();
    }

    List<Delivery> all() {
        return bySubject.values().stream()
                .flatMap(blockade -> blockade.waiting.stream())
                .toList();
    }

    /** All but those that only a restart of the operator can help. */
    List<Delivery> curable() {
        return bySubject.values().stream()
                .filter(blockade -> news(blockade.obstacle) != News.NEVER)
                .flatMap(blockade -> blockade.waiting.stream())
                .toList();
    }

    /** How many of those that are due by {@code now}, in epoch milliseconds, wait for each reason. */
    Map<Obstacle.Reason, Integer> counts(long now) {
        var counts = new EnumMap<Obstacle.Reason, Integer>(Obstacle.Reason.class);
        for (Blockade blockade : bySubject.values()) {
            int count = (int) Stream.concat(blockade.waiting.stream(), Stream.ofNullable(blockade.probe))
                    .filter(delivery -> delivery.dueAt <= now)
                    .count();
            if (count > 0) {
                counts.merge(blockade.obstacle.reason(), count, Integer::sum);
            }
        }
        return counts;
    }

    private static boolean isDue(Blockade blockade, long now) {
        return blockade.lookAgain || (news(blockade.obstacle) == News.PROBED && now - blockade.probeAt >= 0);
    }

    private static News news(Obstacle obstacle) {
        return obstacle.subject().kind().news();
    }
}
