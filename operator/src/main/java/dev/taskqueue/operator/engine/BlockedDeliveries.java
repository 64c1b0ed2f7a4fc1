package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Detection;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A lane's deliveries that wait for something to change. Deliveries with the same obstacle form a group. A group is not tried one by one: when
 * the object changes, or from time to time where it is not watched, one delivery of the group goes ahead as a probe. A probe that meets the same
 * obstacle leaves the group waiting. A probe that meets none, or another one, frees the group, and each of its deliveries is looked at by itself.
 *
 * <p>A tenant can make as many groups as Tasks. So only a few probes are out at a time, the groups take turns, and no method but those that list
 * deliveries looks at all groups.
 */
final class BlockedDeliveries {
    /** How many probes because of news may be out at a time. */
    private static final int MOST_ON_NEWS = 16;

    private final Map<Object, BlockedGroup> byCause = new HashMap<>();
    /** Where each delivery waits, and for which group each probe is out. */
    private final Map<Delivery, BlockedGroup> groups = new HashMap<>();
    /** The groups that wait for news, by the object that is watched. */
    private final Map<Subject, Set<BlockedGroup>> byObject = new HashMap<>();
    /** The groups whose object may have changed, by turns. */
    private final Set<BlockedGroup> changed = new LinkedHashSet<>();
    /** The groups whose next probe waits for its time. */
    private final NavigableSet<BlockedGroup> byTime = new TreeSet<>(BlockedGroup.BY_TIME);

    private final ProbeLimiter pace = new ProbeLimiter();
    private int outOnNews;
    private long groupsMade;

    /**
     * Takes in a delivery that was found blocked. Returns those that are free by that: the delivery was their probe, and its obstacle is not
     * theirs any more.
     *
     * @param now monotonic nanoseconds
     */
    Collection<Delivery> park(Delivery delivery, Obstacle obstacle, long now) {
        BlockedGroup former = groups.get(delivery);
        Collection<Delivery> free = List.of();
        if (former != null && former.obstacle().hasSameCauseAs(obstacle)) {
            endProbe(former);
            former.lookedAt(obstacle, now);
        } else {
            free = passed(delivery);
        }
        BlockedGroup group = byCause.computeIfAbsent(obstacle.cause(), _ -> newGroup(obstacle, now));
        group.waiting().add(delivery);
        groups.put(delivery, group);
        plan(group);
        return free;
    }

    /** A watched object may have changed between the look at it and now: look again. */
    private BlockedGroup newGroup(Obstacle obstacle, long now) {
        var group = new BlockedGroup(obstacle, groupsMade++, now);
        if (group.detection() == Detection.WATCHED) {
            byObject.computeIfAbsent(obstacle.subject().object(), _ -> new LinkedHashSet<>())
                    .add(group);
            group.lookAgain(true);
        }
        return group;
    }

    /** The object has changed. */
    void wake(Subject object) {
        for (BlockedGroup group : byObject.getOrDefault(object.object(), Set.of())) {
            group.lookAgain(true);
            plan(group);
        }
    }

    /** Those that go ahead now as probes. */
    List<Delivery> probes(long now) {
        var probes = new ArrayList<Delivery>();
        while (outOnNews < MOST_ON_NEWS && !changed.isEmpty()) {
            BlockedGroup group = changed.iterator().next();
            outOnNews++;
            probes.add(beginProbe(group));
        }
        while (!byTime.isEmpty() && byTime.first().probeAt() - now <= 0 && pace.tryBegin(now)) {
            probes.add(beginProbe(byTime.first()));
        }
        return probes;
    }

    private Delivery beginProbe(BlockedGroup group) {
        changed.remove(group);
        byTime.remove(group);
        group.lookAgain(false);
        return group.beginProbe();
    }

    private void endProbe(BlockedGroup group) {
        group.endProbe();
        if (group.detection() == Detection.WATCHED) {
            outOnNews--;
        } else {
            pace.end();
        }
    }

    /** Puts the group where it waits for its next probe, keeping its turn; forgets it where nothing waits in it. */
    private void plan(BlockedGroup group) {
        boolean waits = !group.isProbing() && !group.waiting().isEmpty();
        if (waits && group.isToBeLookedAt()) {
            changed.add(group);
        } else {
            changed.remove(group);
        }
        if (waits && group.detection() == Detection.PROBED) {
            byTime.add(group);
        } else {
            byTime.remove(group);
        }
        if (!waits && !group.isProbing()) {
            forget(group);
        }
    }

    private void forget(BlockedGroup group) {
        byCause.remove(group.obstacle().cause(), group);
        byObject.computeIfPresent(group.obstacle().subject().object(), (_, there) -> {
            there.remove(group);
            return there.isEmpty() ? null : there;
        });
    }

    /** The delivery is blocked by nothing. If it was a probe, those that wait behind it are free and are returned. */
    Collection<Delivery> passed(Delivery delivery) {
        BlockedGroup group = groups.get(delivery);
        if (group == null || group.probe() != delivery) {
            return List.of();
        }
        endProbe(group);
        groups.remove(delivery);
        List<Delivery> free = List.copyOf(group.waiting());
        free.forEach(groups::remove);
        group.waiting().clear();
        plan(group);
        return free;
    }

    /** The delivery waits here no longer; as a probe it is still answered for. */
    void leave(Delivery delivery) {
        if (!isProbe(delivery)) {
            remove(delivery);
        }
    }

    /** The delivery is no more. If it is a probe, another one takes its place. */
    void remove(Delivery delivery) {
        BlockedGroup group = groups.remove(delivery);
        if (group == null) {
            return;
        }
        if (group.probe() == delivery) {
            endProbe(group);
            group.lookAgain(group.detection() == Detection.WATCHED);
        }
        group.waiting().remove(delivery);
        plan(group);
    }

    boolean isProbe(Delivery delivery) {
        BlockedGroup group = groups.get(delivery);
        return group != null && group.probe() == delivery;
    }

    /** How many probes are out. */
    int probing() {
        return outOnNews + pace.out();
    }

    /** When the next probe is due by time alone; {@link Long#MAX_VALUE} when none is. */
    long nextProbeAt(long now) {
        return byTime.isEmpty()
                ? Long.MAX_VALUE
                : pace.next(Math.max(now, byTime.first().probeAt()));
    }

    @Nullable Obstacle obstacleOf(Delivery delivery) {
        BlockedGroup group = groups.get(delivery);
        return group == null ? null : group.obstacle();
    }

    boolean isEmpty() {
        return groups.isEmpty();
    }

    /** All that wait; probes are out. */
    List<Delivery> all() {
        return waiting(_ -> true);
    }

    /** All but those that only a restart of the operator can help. */
    List<Delivery> curable() {
        return waiting(group -> group.detection() != Detection.NEVER);
    }

    private List<Delivery> waiting(Predicate<BlockedGroup> which) {
        return byCause.values().stream()
                .filter(which)
                .flatMap(group -> group.waiting().stream())
                .toList();
    }

    /** How many of those that are due by {@code now}, in epoch milliseconds, wait for each reason. */
    Map<Obstacle.Reason, Integer> counts(long now) {
        var counts = new EnumMap<Obstacle.Reason, Integer>(Obstacle.Reason.class);
        for (BlockedGroup group : byCause.values()) {
            int due = group.dueBy(now);
            if (due > 0) {
                counts.merge(group.obstacle().reason(), due, Integer::sum);
            }
        }
        return counts;
    }
}
