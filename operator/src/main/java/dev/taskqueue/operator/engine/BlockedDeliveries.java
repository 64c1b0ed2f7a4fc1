package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Detection;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A lane's deliveries that wait until an obstacle is gone. Deliveries with the same obstacle form a group. One delivery of a group goes ahead as a
 * probe: when the object of the obstacle changes, or from time to time if that object is not watched. If the probe meets the same obstacle, the
 * group goes on waiting. If it meets none, or another one, the group is free, and each of its deliveries is prepared by itself.
 *
 * <p>A tenant can make as many groups as Tasks. So only a few probes are out at a time, the groups take turns, and only the methods that list
 * deliveries go through all groups. The lane's lock guards it.
 */
final class BlockedDeliveries {
    /** The maximum number of probes that are out at a time because their object has changed. */
    private static final int MAX_CHANGE_PROBES = 16;

    private final Map<Object, BlockedGroup> byCause = new LinkedHashMap<>();
    /** The group in which each delivery waits, or for which it is out as a probe. */
    private final Map<Delivery, BlockedGroup> groups = new HashMap<>();
    /** The groups whose object is watched, by that object. */
    private final Map<Subject, Set<BlockedGroup>> byObject = new HashMap<>();
    /** The groups whose object may have changed, in the order of their turns. */
    private final Set<BlockedGroup> changed = new LinkedHashSet<>();
    /** The groups without a watched object, by the time of their next probe. */
    private final NavigableSet<BlockedGroup> byTime = new TreeSet<>(BlockedGroup.BY_TIME);

    private final ProbeLimiter probeLimiter = new ProbeLimiter();
    private int changeProbes;
    private long groupsMade;

    /**
     * Adds a delivery that has met an obstacle. If the delivery was a probe and has met another obstacle than its group, that group is free and
     * is returned.
     *
     * @param now monotonic nanoseconds
     */
    Collection<Delivery> add(Delivery delivery, Obstacle obstacle, long now) {
        BlockedGroup former = groups.get(delivery);
        Collection<Delivery> free = List.of();
        if (former != null && former.obstacle().hasSameCauseAs(obstacle)) {
            endProbe(former);
            former.stillBlocked(obstacle, now);
        } else {
            free = unblocked(delivery);
        }
        BlockedGroup group = byCause.computeIfAbsent(obstacle.cause(), _ -> newGroup(obstacle, now));
        group.waiting().add(delivery);
        groups.put(delivery, group);
        reschedule(group);
        return free;
    }

    /** A watched object may have changed since the delivery met it as an obstacle. So a new group sends a probe at once. */
    private BlockedGroup newGroup(Obstacle obstacle, long now) {
        var group = new BlockedGroup(obstacle, groupsMade++, now);
        if (group.detection() == Detection.WATCHED) {
            byObject.computeIfAbsent(obstacle.subject().object(), _ -> new LinkedHashSet<>())
                    .add(group);
            group.needsProbe(true);
        }
        return group;
    }

    /** The object has changed. */
    void wake(Subject object) {
        for (BlockedGroup group : byObject.getOrDefault(object.object(), Set.of())) {
            group.needsProbe(true);
            reschedule(group);
        }
    }

    /** Returns the deliveries that go ahead as probes now. */
    List<Delivery> probes(long now) {
        var probes = new ArrayList<Delivery>();
        while (changeProbes < MAX_CHANGE_PROBES && !changed.isEmpty()) {
            BlockedGroup group = changed.iterator().next();
            changeProbes++;
            probes.add(beginProbe(group));
        }
        while (!byTime.isEmpty() && byTime.first().probeAt() - now <= 0 && probeLimiter.tryBegin(now)) {
            probes.add(beginProbe(byTime.first()));
        }
        return probes;
    }

    private Delivery beginProbe(BlockedGroup group) {
        changed.remove(group);
        byTime.remove(group);
        group.needsProbe(false);
        return group.beginProbe();
    }

    private void endProbe(BlockedGroup group) {
        group.endProbe();
        if (group.detection() == Detection.WATCHED) {
            changeProbes--;
        } else {
            probeLimiter.end();
        }
    }

    /** Lets the group wait for its next probe; it keeps its turn. Forgets a group in which nothing waits. */
    private void reschedule(BlockedGroup group) {
        boolean waits = !group.isProbing() && !group.waiting().isEmpty();
        if (waits && group.isToBeProbed()) {
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

    /** The delivery has met no obstacle. If it was a probe, its group is free and is returned. */
    Collection<Delivery> unblocked(Delivery delivery) {
        BlockedGroup group = groups.get(delivery);
        if (group == null || !delivery.is(group.probe())) {
            return List.of();
        }
        endProbe(group);
        groups.remove(delivery);
        List<Delivery> free = List.copyOf(group.waiting());
        free.forEach(groups::remove);
        group.waiting().clear();
        reschedule(group);
        return free;
    }

    /** The delivery waits here no longer. If it is a probe, its group still waits for its result. */
    void leave(Delivery delivery) {
        if (!isProbe(delivery)) {
            remove(delivery);
        }
    }

    /** The delivery will not be sent. If it is a probe, another one takes its place. */
    void remove(Delivery delivery) {
        BlockedGroup group = groups.remove(delivery);
        if (group == null) {
            return;
        }
        if (delivery.is(group.probe())) {
            endProbe(group);
            group.needsProbe(group.detection() == Detection.WATCHED);
        }
        group.waiting().remove(delivery);
        reschedule(group);
    }

    boolean isProbe(Delivery delivery) {
        BlockedGroup group = groups.get(delivery);
        return group != null && delivery.is(group.probe());
    }

    /** How many probes are out. */
    int probing() {
        return changeProbes + probeLimiter.out();
    }

    /** When the next probe is due by time alone; {@link Long#MAX_VALUE} if none is. */
    long nextProbeAt(long now) {
        return byTime.isEmpty()
                ? Long.MAX_VALUE
                : probeLimiter.next(Math.max(now, byTime.first().probeAt()));
    }

    @Nullable Obstacle obstacleOf(Delivery delivery) {
        BlockedGroup group = groups.get(delivery);
        return group == null ? null : group.obstacle();
    }

    boolean isEmpty() {
        return groups.isEmpty();
    }

    /** The wall clock showed {@code before} and was set by {@code moved} milliseconds: see {@link Deliveries#shift}. */
    void shift(long before, long moved) {
        byCause.values().forEach(group -> group.shift(before, moved));
    }

    /** All that wait, without the probes. */
    List<Delivery> all() {
        return waitingIn(_ -> true);
    }

    /** All that wait, except those that only a restart of the operator can help. */
    List<Delivery> curable() {
        return waitingIn(group -> group.detection() != Detection.NEVER);
    }

    private List<Delivery> waitingIn(Predicate<BlockedGroup> which) {
        return byCause.values().stream()
                .filter(which)
                .flatMap(group -> group.waiting().stream())
                .toList();
    }

    /** How many wait for each reason, due or not, with the probes. */
    Map<Obstacle.Reason, Integer> counts() {
        var counts = new EnumMap<Obstacle.Reason, Integer>(Obstacle.Reason.class);
        for (BlockedGroup group : byCause.values()) {
            counts.merge(group.obstacle().reason(), group.size(), Integer::sum);
        }
        return counts;
    }

    /** Those that are due after {@code now}, in epoch milliseconds, with the probes. */
    List<Delivery> dueAfter(long now) {
        var found = new ArrayList<Delivery>();
        for (BlockedGroup group : byCause.values()) {
            group.addDueAfter(now, found);
        }
        return found;
    }

    /** The oldest group with this reason; null if there is none. */
    @Nullable BlockedGroup oldest(Obstacle.Reason reason) {
        BlockedGroup oldest = null;
        for (BlockedGroup group : byCause.values()) {
            if (group.obstacle().reason() == reason && (oldest == null || group.isOlderThan(oldest))) {
                oldest = group;
            }
        }
        return oldest;
    }
}
