package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetched;
import dev.taskqueue.operator.engine.DeliveryState.InPreparation;
import dev.taskqueue.operator.engine.DeliveryState.Prepared;
import dev.taskqueue.operator.engine.DeliveryState.Waiting;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All deliveries of a lane, in one collection for each group of states.
 *
 * <p>Invariant: a delivery is in exactly one of {@link #waiting}, {@link #awaitingPurge}, {@link #preparation}, {@link #claimed}, {@link #blocked},
 * {@link #outgoing}, {@link #refusedWrites} and {@link #endings}: the one that its {@link Delivery#state} names. It is in none of them once it is
 * {@link DeliveryState.Removed}. {@link #move} alone changes the state and the collection, both together. The lane's lock guards it.
 */
final class Deliveries {
    private static final long NO_PURGE = Long.MIN_VALUE;

    /** {@link Waiting}, without those that a purge is to delete. */
    private final NavigableSet<Delivery> waiting = new TreeSet<>(Delivery.ORDER);
    /** {@link Waiting}, and a purge is to delete them. */
    private final Set<Delivery> awaitingPurge = new LinkedHashSet<>();
    /** {@link DeliveryState.Blocked}. It also knows which deliveries in preparation are probes. */
    private final BlockedDeliveries blocked = new BlockedDeliveries();
    /** {@link InPreparation} and {@link Prepared}. */
    private final PreparationQueue preparation = new PreparationQueue(blocked);
    /** {@link DeliveryState.Claimed}. */
    private final NavigableSet<Delivery> claimed = new TreeSet<>(Delivery.ORDER);
    /** {@link Departing}, {@link DeliveryState.InFlight} and {@link DeliveryState.Interrupted}. */
    private final Set<Delivery> outgoing = new LinkedHashSet<>();
    /** {@link DeliveryState.Unwritten} and {@link DeliveryState.Rewriting}. */
    private final RefusedWrites refusedWrites = new RefusedWrites();
    /** {@link DeliveryState.Ending}. */
    private final EndingDeliveries endings = new EndingDeliveries();

    /** Those that a person wants sent now, besides their place in one of the collections above. */
    private final Set<Delivery> expedited = new LinkedHashSet<>();

    private final Consumer<AttemptPermit> releasePermit;
    /** How many permits are held. */
    private int slots;
    /** How many are {@link DeliveryState.Fetching} or {@link Fetched}. */
    private int fetches;
    /** Counts the changes of what the queue adds to requests. */
    private int generation;
    /** Deliveries that were created before this only wait to be deleted; epoch milliseconds. */
    private long purgeBefore = NO_PURGE;

    /** @param releasePermit takes the permit that a delivery held and needs no longer */
    Deliveries(Consumer<AttemptPermit> releasePermit) {
        this.releasePermit = releasePermit;
    }

    /** Moves a delivery to its next state. Releases the permit that its last state held, unless the next state takes it over. */
    void move(Delivery delivery, DeliveryState next) {
        move(delivery, next, delivery.dueAt);
    }

    /** @param dueAt when it is due from now on, in epoch milliseconds */
    void move(Delivery delivery, DeliveryState next, long dueAt) {
        DeliveryState last = delivery.state;
        leave(delivery, last);
        delivery.state = next;
        delivery.dueAt = dueAt;
        enter(delivery, next);
        delivery.moved(last);
        AttemptPermit held = last.heldPermit();
        if (held != null && !next.takesOver(held)) {
            releasePermit.accept(held);
        }
    }

    private void leave(Delivery delivery, DeliveryState state) {
        switch (state) {
            case Waiting _ -> {
                waiting.remove(delivery);
                awaitingPurge.remove(delivery);
            }
            case InPreparation _ -> preparation.removeInPreparation(delivery);
            case Prepared _ -> preparation.removePrepared(delivery);
            case DeliveryState.Claimed _ -> claimed.remove(delivery);
            case DeliveryState.Blocked _ -> blocked.leave(delivery);
            case Departing _, DeliveryState.InFlight _, DeliveryState.Interrupted _ -> outgoing.remove(delivery);
            case DeliveryState.Unwritten _, DeliveryState.Rewriting _ -> refusedWrites.remove(delivery);
            case DeliveryState.Ending _ -> endings.remove(delivery);
            case DeliveryState.Removed _ -> {}
        }
        fetches -= isFetch(state) ? 1 : 0;
    }

    private void enter(Delivery delivery, DeliveryState state) {
        fetches += isFetch(state) ? 1 : 0;
        switch (state) {
            case Waiting _ -> {
                if (isToBePurged(delivery)) {
                    neverSend(delivery);
                    awaitingPurge.add(delivery);
                } else {
                    waiting.add(delivery);
                }
            }
            case InPreparation _ -> preparation.addInPreparation(delivery);
            case Prepared _ -> preparation.addPrepared(delivery);
            case DeliveryState.Claimed _ -> claimed.add(delivery);
            // Its group is not known here; block adds it.
            case DeliveryState.Blocked _ -> {}
            case Departing _ -> {
                expedited.remove(delivery);
                outgoing.add(delivery);
            }
            case DeliveryState.InFlight _, DeliveryState.Interrupted _ -> outgoing.add(delivery);
            case DeliveryState.Unwritten _ -> refusedWrites.addWaiting(delivery);
            case DeliveryState.Rewriting _ -> refusedWrites.addUnderway(delivery);
            case DeliveryState.Ending _ -> {
                neverSend(delivery);
                endings.add(delivery);
            }
            case DeliveryState.Removed _ -> neverSend(delivery);
        }
    }

    /** It will not be sent, so nobody waits for that, and no probe goes ahead for it. */
    private void neverSend(Delivery delivery) {
        blocked.remove(delivery);
        expedited.remove(delivery);
    }

    private static boolean isFetch(DeliveryState state) {
        return state instanceof DeliveryState.Fetching || state instanceof Fetched;
    }

    /**
     * Lets a delivery wait until an obstacle is gone. A delivery that is to be purged waits for its deletion alone. If the delivery was the probe
     * of a group with another obstacle, that group is free and is returned.
     */
    Collection<Delivery> block(Delivery delivery, Obstacle obstacle, long nanos) {
        if (isToBePurged(delivery)) {
            move(delivery, Waiting.SHARED);
            return List.of();
        }
        move(delivery, DeliveryState.Blocked.SHARED);
        return blocked.add(delivery, obstacle, nanos);
    }

    void takeSlot() {
        slots++;
    }

    void freeSlot() {
        slots--;
    }

    /** Taken slots, including those of earlier processes' claims and of cancelled deliveries whose request goes on. */
    int slots() {
        return slots;
    }

    /** Requests that have left or are about to, and whose outcome is not written yet. */
    int dispatching() {
        return slots - fetches;
    }

    int fetches() {
        return fetches;
    }

    int generation() {
        return generation;
    }

    PreparationQueue preparation() {
        return preparation;
    }

    BlockedDeliveries blocked() {
        return blocked;
    }

    RefusedWrites refusedWrites() {
        return refusedWrites;
    }

    EndingDeliveries endings() {
        return endings;
    }

    @Nullable Delivery firstWaiting() {
        return waiting.isEmpty() ? null : waiting.first();
    }

    /** {@link Waiting}, in order. */
    Collection<Delivery> waiting() {
        return waiting;
    }

    Collection<Delivery> claimed() {
        return claimed;
    }

    @Nullable Delivery firstClaimed() {
        return claimed.isEmpty() ? null : claimed.first();
    }

    List<Delivery> outgoing() {
        return List.copyOf(outgoing);
    }

    boolean isPurging() {
        return purgeBefore != NO_PURGE;
    }

    /** Whether the purge that goes on is to delete it, in whatever state it is. */
    boolean isToBePurged(Delivery delivery) {
        return isToBePurged(delivery.createdAt);
    }

    /** Whether the purge that goes on is to delete what was created then, in epoch milliseconds. */
    boolean isToBePurged(long createdAt) {
        return createdAt < purgeBefore;
    }

    /**
     * From now on no delivery leaves that was created before this, in epoch milliseconds; requests in flight go on. Returns the deliveries that
     * an earlier purge was to delete and that wait for their turn again.
     */
    List<Delivery> purge(long createdBefore) {
        if (createdBefore == purgeBefore) {
            return List.of();
        }
        purgeBefore = createdBefore;
        List<Delivery> spared = awaitingPurge.stream()
                .filter(delivery -> !isToBePurged(delivery))
                .toList();
        spared.forEach(delivery -> move(delivery, Waiting.SHARED));
        Stream.concat(pending().stream(), preparation.allInPreparation().stream())
                .filter(this::isToBePurged)
                .toList()
                .forEach(delivery -> move(delivery, Waiting.SHARED));
        return spared;
    }

    /** No purge goes on any more. Returns the deliveries that wait for their turn again. */
    List<Delivery> endPurge() {
        return purge(NO_PURGE);
    }

    /**
     * The queue adds something else to its requests: prepared deliveries, and blocked ones that a change can help, are to be prepared again.
     * Returns those that were blocked.
     */
    List<Delivery> discardPrepared() {
        generation++;
        List.copyOf(preparation.prepared()).forEach(delivery -> move(delivery, Waiting.SHARED));
        List<Delivery> freed = blocked.curable();
        freed.forEach(delivery -> move(delivery, Waiting.SHARED));
        return freed;
    }

    /** A delivery that waits, in any way, is due now and goes before all others. */
    void expedite(Delivery delivery, long nowMillis) {
        DeliveryState next = delivery.state instanceof DeliveryState.Blocked ? Waiting.SHARED : delivery.state;
        move(delivery, next, nowMillis);
        expedited.add(delivery);
    }

    /** An expedited delivery did not leave after all. */
    void expediteAgain(Delivery delivery) {
        expedited.add(delivery);
    }

    boolean hasExpedited() {
        return !expedited.isEmpty();
    }

    List<Delivery> expedited() {
        return List.copyOf(expedited);
    }

    /**
     * The wall clock was set. Retries and claims wait for a while and not for a time of day: they still wait for the rest of that while. If the
     * clock was set back, deliveries that were due stay due.
     *
     * @param before what the wall clock showed when it was last read before it was set
     * @param moved by how much it was set; both in milliseconds
     */
    void shift(long before, long moved) {
        Stream.of(
                        waiting.stream(),
                        awaitingPurge.stream(),
                        preparation.allInPreparation().stream(),
                        preparation.prepared().stream())
                .flatMap(deliveries -> deliveries)
                .filter(delivery -> delivery.staysDue(before, moved))
                .toList()
                .forEach(delivery -> move(delivery, delivery.state, delivery.dueAt + moved));
        blocked.shift(before, moved);
        // They may come back unsent.
        outgoing.forEach(delivery -> delivery.dueAt += Math.min(0, moved));
        List.copyOf(claimed).forEach(delivery -> move(delivery, delivery.state, delivery.dueAt + moved));
    }

    /** All that wait to be sent and are not being prepared right now. */
    List<Delivery> pending() {
        return Stream.of(waiting.stream(), preparation.prepared().stream(), blocked.all().stream())
                .flatMap(deliveries -> deliveries)
                .toList();
    }

    /** All without a request in flight, including those that are to be purged and those whose write was refused. */
    List<Delivery> notInFlight() {
        return Stream.of(
                        pending().stream(),
                        preparation.allInPreparation().stream(),
                        awaitingPurge.stream(),
                        refusedWrites.all().stream())
                .flatMap(deliveries -> deliveries)
                .toList();
    }

    /** All, except those that are ending and cancelled ones whose request goes on. */
    Stream<Delivery> all() {
        return Stream.of(notInFlight().stream(), claimed.stream(), outgoing.stream())
                .flatMap(deliveries -> deliveries);
    }

    boolean isEmpty() {
        return waiting.isEmpty()
                && awaitingPurge.isEmpty()
                && preparation.isEmpty()
                && blocked.isEmpty()
                && refusedWrites.size() == 0
                && endings.isEmpty()
                && slots == 0;
    }
}
