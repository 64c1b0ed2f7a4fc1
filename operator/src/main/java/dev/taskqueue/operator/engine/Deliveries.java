package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetched;
import dev.taskqueue.operator.engine.DeliveryState.Prepared;
import dev.taskqueue.operator.engine.DeliveryState.Underway;
import dev.taskqueue.operator.engine.DeliveryState.Waiting;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where each delivery of a lane is. A delivery is in exactly one of the sets below, the one that its {@link Delivery#state} says, or in none once
 * it is gone; {@link #move} alone changes both. Its lane guards it.
 */
final class Deliveries {
    private static final long NO_PURGE = Long.MIN_VALUE;

    /** {@link Waiting}, but for those that a purge has taken out of line. */
    private final NavigableSet<Delivery> inLine = new TreeSet<>(Delivery.ORDER);
    /** {@link Waiting}, and to be purged. */
    private final Set<Delivery> outOfLine = new HashSet<>();
    /** {@link Underway}. */
    private final NavigableSet<Delivery> underway = new TreeSet<>(Delivery.ORDER);
    /** {@link Prepared}. */
    private final NavigableSet<Delivery> prepared = new TreeSet<>(Delivery.ORDER);
    /** {@link DeliveryState.Claimed}. */
    private final NavigableSet<Delivery> claimed = new TreeSet<>(Delivery.ORDER);
    /** {@link DeliveryState.Parked}. */
    private final BlockedDeliveries parked = new BlockedDeliveries();
    /** {@link Departing}, {@link DeliveryState.InFlight} and {@link DeliveryState.Interrupted}. */
    private final Set<Delivery> flying = new HashSet<>();
    /** {@link DeliveryState.Unwritten} and {@link DeliveryState.Rewriting}. */
    private final RefusedWrites refused = new RefusedWrites();
    /** {@link DeliveryState.Ending}. */
    private final EndingDeliveries ends = new EndingDeliveries();
    /** Those that a person wants sent now, wherever they wait. */
    private final Set<Delivery> expedited = new LinkedHashSet<>();

    private final Consumer<AttemptPermit> giveBack;
    /** How many passes are out. */
    private int slots;
    /** How many are {@link DeliveryState.Fetching} or {@link Fetched}. */
    private int fetches;
    /** Counts the changes of what the queue adds to requests. */
    private int edition;
    /** What was created before this waits for nothing but its deletion; epoch milliseconds. */
    private long purgeBefore = NO_PURGE;

    /** @param giveBack takes the pass that a delivery kept and has no use for any more */
    Deliveries(Consumer<AttemptPermit> giveBack) {
        this.giveBack = giveBack;
    }

    /** Moves a delivery to its next state. What it kept in the last one is given back, where it does not take it along. */
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
        AttemptPermit kept = last.kept();
        if (kept != null && !takesAlong(next, kept)) {
            giveBack.accept(kept);
        }
    }

    private static boolean takesAlong(DeliveryState next, AttemptPermit pass) {
        return switch (next) {
            case Fetched fetched -> fetched.pass() == pass;
            case Departing departing -> departing.pass() == pass;
            case DeliveryState.Claimed claimed -> claimed.pass() == pass;
            case DeliveryState.Interrupted interrupted -> interrupted.pass() == pass;
            default -> false;
        };
    }

    private void leave(Delivery delivery, DeliveryState state) {
        switch (state) {
            case Waiting _ -> {
                inLine.remove(delivery);
                outOfLine.remove(delivery);
            }
            case Underway _ -> underway.remove(delivery);
            case Prepared _ -> prepared.remove(delivery);
            case DeliveryState.Claimed _ -> claimed.remove(delivery);
            case DeliveryState.Parked _ -> parked.leave(delivery);
            case Departing _, DeliveryState.InFlight _, DeliveryState.Interrupted _ -> flying.remove(delivery);
            case DeliveryState.Unwritten _, DeliveryState.Rewriting _ -> refused.remove(delivery);
            case DeliveryState.Ending _ -> ends.remove(delivery);
            case DeliveryState.Removed _ -> {}
        }
        fetches -= isFetch(state) ? 1 : 0;
    }

    private void enter(Delivery delivery, DeliveryState state) {
        fetches += isFetch(state) ? 1 : 0;
        switch (state) {
            case Waiting _ -> {
                if (isToBePurged(delivery)) {
                    drop(delivery);
                    outOfLine.add(delivery);
                } else {
                    inLine.add(delivery);
                }
            }
            case Underway _ -> underway.add(delivery);
            case Prepared _ -> prepared.add(delivery);
            case DeliveryState.Claimed _ -> claimed.add(delivery);
            case DeliveryState.Parked _ -> {}
            case Departing _ -> {
                expedited.remove(delivery);
                flying.add(delivery);
            }
            case DeliveryState.InFlight _, DeliveryState.Interrupted _ -> flying.add(delivery);
            case DeliveryState.Unwritten _ -> refused.addWaiting(delivery);
            case DeliveryState.Rewriting _ -> refused.addUnderway(delivery);
            case DeliveryState.Ending _ -> {
                drop(delivery);
                ends.add(delivery);
            }
            case DeliveryState.Removed _ -> drop(delivery);
        }
    }

    /** Nobody wants it sent, and no obstacle is looked at for it. */
    private void drop(Delivery delivery) {
        parked.remove(delivery);
        expedited.remove(delivery);
    }

    private static boolean isFetch(DeliveryState state) {
        return state instanceof DeliveryState.Fetching || state instanceof Fetched;
    }

    /**
     * Lets it wait for an obstacle to go; one that is to be purged waits for that alone. Returns those that waited with it and are free, as it has
     * met another obstacle than theirs.
     */
    Collection<Delivery> park(Delivery delivery, Obstacle obstacle, long nanos) {
        if (isToBePurged(delivery)) {
            move(delivery, DeliveryState.Waiting.SHARED);
            return List.of();
        }
        move(delivery, DeliveryState.Parked.SHARED);
        return parked.park(delivery, obstacle, nanos);
    }

    void takeSlot() {
        slots++;
    }

    void freeSlot() {
        slots--;
    }

    /** Claims of earlier processes, and cancelled ones whose request goes on, included. */
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

    int edition() {
        return edition;
    }

    BlockedDeliveries parked() {
        return parked;
    }

    RefusedWrites refused() {
        return refused;
    }

    EndingDeliveries ends() {
        return ends;
    }

    @Nullable Delivery firstWaiting() {
        return inLine.isEmpty() ? null : inLine.first();
    }

    @Nullable Delivery firstPrepared() {
        return prepared.isEmpty() ? null : prepared.first();
    }

    @Nullable Delivery lastPrepared() {
        return prepared.isEmpty() ? null : prepared.last();
    }

    @Nullable Delivery firstClaimed() {
        return claimed.isEmpty() ? null : claimed.first();
    }

    /** In order. */
    Collection<Delivery> prepared() {
        return prepared;
    }

    /** The last one first. */
    Collection<Delivery> preparedBackwards() {
        return prepared.descendingSet();
    }

    /** How many are prepared or being prepared, without the probes: they are bounded by themselves and keep nobody waiting. */
    int ahead() {
        return underway.size() - parked.probing() + prepared.size();
    }

    /** Those in preparation, without the probes. */
    Collection<Delivery> underway() {
        return withoutProbes(underway);
    }

    /** Those in preparation that are due before another one, without the probes: what an obstacle keeps has lost its turn. */
    Collection<Delivery> underwayBefore(Delivery other) {
        return withoutProbes(underway.headSet(other, false));
    }

    private Collection<Delivery> withoutProbes(Collection<Delivery> deliveries) {
        return parked.probing() == 0
                ? deliveries
                : deliveries.stream()
                        .filter(delivery -> !parked.isProbe(delivery))
                        .toList();
    }

    boolean isPurging() {
        return purgeBefore != NO_PURGE;
    }

    /** Whether the purge that goes on is to delete it, wherever it is. */
    boolean isToBePurged(Delivery delivery) {
        return delivery.createdAt < purgeBefore;
    }

    /**
     * From now on nothing leaves that was created before this, in epoch milliseconds; what is in flight stays there. Returns those that an
     * earlier purge had taken out of line and that are back in it.
     */
    List<Delivery> purge(long createdBefore) {
        if (createdBefore == purgeBefore) {
            return List.of();
        }
        purgeBefore = createdBefore;
        List<Delivery> spared =
                outOfLine.stream().filter(delivery -> !isToBePurged(delivery)).toList();
        spared.forEach(delivery -> move(delivery, DeliveryState.Waiting.SHARED));
        Stream.concat(waiting().stream(), underway.stream())
                .filter(this::isToBePurged)
                .toList()
                .forEach(delivery -> move(delivery, DeliveryState.Waiting.SHARED));
        return spared;
    }

    /** No purge goes on any more. Returns those that are back in line. */
    List<Delivery> endPurge() {
        return purge(NO_PURGE);
    }

    /**
     * What requests are made of has changed: what was prepared is to be prepared anew, and so is what could not be. Returns those that had
     * waited for an obstacle.
     */
    List<Delivery> discardPrepared() {
        edition++;
        List.copyOf(prepared).forEach(delivery -> move(delivery, DeliveryState.Waiting.SHARED));
        List<Delivery> parkedBefore = parked.curable();
        parkedBefore.forEach(delivery -> move(delivery, DeliveryState.Waiting.SHARED));
        return parkedBefore;
    }

    /** It is due now, whatever its time was, and goes before all others; to be asked only of one that waits. */
    void expedite(Delivery delivery, long nowMillis) {
        DeliveryState next =
                delivery.state instanceof DeliveryState.Parked ? DeliveryState.Waiting.SHARED : delivery.state;
        move(delivery, next, nowMillis);
        expedited.add(delivery);
    }

    /** It did not leave after all. */
    void expediteAgain(Delivery delivery) {
        expedited.add(delivery);
    }

    boolean hasHurried() {
        return !expedited.isEmpty();
    }

    List<Delivery> expedited() {
        return List.copyOf(expedited);
    }

    /**
     * The wall clock was set. What waits for a while and not for a time, retries and claims, still waits for the rest of that while; and what was
     * due before a step back stays due.
     *
     * @param before what the wall clock would say now
     * @param moved by how much it was moved; both in milliseconds
     */
    void shift(long before, long moved) {
        Stream.of(inLine.stream(), outOfLine.stream(), underway.stream(), prepared.stream())
                .flatMap(deliveries -> deliveries)
                .filter(delivery -> delivery.dueAt > before ? delivery.progress.roundAttempts() > 0 : moved < 0)
                .toList()
                .forEach(delivery -> move(delivery, delivery.state, delivery.dueAt + moved));
        List.copyOf(claimed).forEach(delivery -> move(delivery, delivery.state, delivery.dueAt + moved));
    }

    /** All that wait in line and are not being prepared right now. */
    List<Delivery> waiting() {
        return Stream.of(inLine.stream(), prepared.stream(), parked.all().stream())
                .flatMap(deliveries -> deliveries)
                .toList();
    }

    /** What a purge has taken out of line, and what could not be written, included. */
    List<Delivery> notInFlight() {
        return Stream.of(waiting().stream(), underway.stream(), outOfLine.stream(), refused.all().stream())
                .flatMap(deliveries -> deliveries)
                .toList();
    }

    /** All that are here, but for those that are ending and requests whose Task was cancelled. */
    Stream<Delivery> all() {
        return Stream.of(notInFlight().stream(), claimed.stream(), flying.stream())
                .flatMap(deliveries -> deliveries);
    }

    List<Delivery> flying() {
        return List.copyOf(flying);
    }

    boolean isEmpty() {
        return inLine.isEmpty()
                && outOfLine.isEmpty()
                && underway.isEmpty()
                && prepared.isEmpty()
                && parked.isEmpty()
                && refused.size() == 0
                && ends.isEmpty()
                && slots == 0;
    }
}
