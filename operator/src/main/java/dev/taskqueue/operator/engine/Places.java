package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.Delivery.Flight;
import dev.taskqueue.operator.engine.Delivery.Place;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where each delivery of a lane is. A delivery's {@link Delivery#place} changes here alone, together with the set it is in. Its lane guards
 * it.
 */
final class Places {
    private static final long NO_PURGE = Long.MIN_VALUE;

    private final NavigableSet<Delivery> later = new TreeSet<>(Delivery.ORDER);
    private final NavigableSet<Delivery> preparing = new TreeSet<>(Delivery.ORDER);
    private final NavigableSet<Delivery> ready = new TreeSet<>(Delivery.ORDER);
    private final NavigableSet<Delivery> claimed = new TreeSet<>(Delivery.ORDER);
    private final Blockades parked = new Blockades();
    private final Set<Delivery> flying = new HashSet<>();
    private final Set<Delivery> purged = new HashSet<>();
    /** Those that a person wants sent now, wherever they wait. */
    private final Set<Delivery> hurried = new LinkedHashSet<>();

    private final Set<Delivery> ending = new LinkedHashSet<>();
    /** Those of them whose end is to be written as soon as this process may. */
    private final Set<Delivery> unended = new LinkedHashSet<>();
    /** Those of them whose end this process was not allowed to write; they wait for the fence to open. */
    private final Set<Delivery> fenced = new LinkedHashSet<>();

    /** Claimed ones, and cancelled ones whose request goes on, included. */
    private int inFlight;
    /** What the shipments of those take in memory. */
    private long bytesInFlight;
    /** What was created before this waits for nothing but its deletion; epoch milliseconds. */
    private long purgeBefore = NO_PURGE;

    /** Claimed ones, and those whose outcome is not written yet, included. */
    int inFlight() {
        return inFlight;
    }

    long bytesInFlight() {
        return bytesInFlight;
    }

    int prepared() {
        return preparing.size() + ready.size();
    }

    Blockades parked() {
        return parked;
    }

    @Nullable Delivery firstLater() {
        return later.isEmpty() ? null : later.first();
    }

    @Nullable Delivery firstReady() {
        return ready.isEmpty() ? null : ready.first();
    }

    @Nullable Delivery lastReady() {
        return ready.isEmpty() ? null : ready.last();
    }

    @Nullable Delivery firstClaimed() {
        return claimed.isEmpty() ? null : claimed.first();
    }

    Collection<Delivery> preparing() {
        return preparing;
    }

    /** Those in preparation that are due before another one. */
    Collection<Delivery> preparingBefore(Delivery other) {
        return preparing.headSet(other, false);
    }

    boolean isPurging() {
        return purgeBefore != NO_PURGE;
    }

    /** Whether a purge is to delete it. */
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
                purged.stream().filter(delivery -> !isToBePurged(delivery)).toList();
        spared.forEach(this::toLater);
        Stream.concat(waiting().stream(), preparing.stream())
                .filter(this::isToBePurged)
                .toList()
                .forEach(this::toPurged);
        return spared;
    }

    /** No purge goes on any more. Returns those that are back in line. */
    List<Delivery> endPurge() {
        return purge(NO_PURGE);
    }

    private void toPurged(Delivery delivery) {
        parked.remove(delivery);
        leave(delivery);
        delivery.flight = null;
        hurried.remove(delivery);
        delivery.place = Place.PURGED;
        purged.add(delivery);
    }

    /** Where it waits for its time; unless it is to be purged. */
    void toLater(Delivery delivery) {
        if (isToBePurged(delivery)) {
            toPurged(delivery);
            return;
        }
        leave(delivery);
        delivery.flight = null;
        delivery.place = Place.LATER;
        later.add(delivery);
    }

    /**
     * What requests are made of has changed: what was prepared is to be prepared anew, and so is what could not be. Returns those that had
     * waited for an obstacle.
     */
    List<Delivery> outdate() {
        Stream.concat(preparing.stream(), flying.stream())
                .forEach(delivery -> Objects.requireNonNull(delivery.flight).outdated = true);
        List.copyOf(ready).forEach(this::toLater);
        List<Delivery> parkedBefore = parked.curable();
        parkedBefore.forEach(this::toLater);
        return parkedBefore;
    }

    void toPreparing(Delivery delivery, long nanos) {
        leave(delivery);
        delivery.flight = new Flight(nanos);
        delivery.place = Place.PREPARING;
        preparing.add(delivery);
    }

    void toReady(Delivery delivery, Dispatcher.Shipment shipment, long nanos) {
        leave(delivery);
        Flight flight = Objects.requireNonNull(delivery.flight);
        flight.shipment = shipment;
        flight.size = shipment.size();
        flight.since = nanos;
        delivery.place = Place.READY;
        ready.add(delivery);
    }

    void toClaimed(Delivery delivery, Offer.Claim claim, long nanos) {
        leave(delivery);
        delivery.dueAt = Delivery.ceilMillis(claim.until());
        delivery.flight = new Flight(nanos);
        delivery.flight.claim = claim;
        delivery.place = Place.CLAIMED;
        claimed.add(delivery);
        inFlight++;
    }

    void toInFlight(Delivery delivery) {
        leave(delivery);
        hurried.remove(delivery);
        delivery.place = Place.IN_FLIGHT;
        flying.add(delivery);
        inFlight++;
        bytesInFlight += Objects.requireNonNull(delivery.flight).size;
    }

    /** Where it waits for the obstacle to go; unless it is to be purged. */
    void toParked(Delivery delivery, Obstacle obstacle, long nanos) {
        if (isToBePurged(delivery)) {
            toPurged(delivery);
            return;
        }
        leave(delivery);
        delivery.flight = null;
        parked.park(delivery, obstacle, nanos);
        delivery.place = Place.PARKED;
    }

    void toEnding(Delivery delivery, Offer.End end) {
        leave(delivery);
        hurried.remove(delivery);
        delivery.flight = null;
        delivery.end = end;
        delivery.place = Place.ENDING;
        ending.add(delivery);
        unended.add(delivery);
    }

    /** Those whose end is to be written now; each is handed out once. */
    List<Delivery> takeUnended() {
        List<Delivery> taken = List.copyOf(unended);
        unended.clear();
        return taken;
    }

    void notEnded(Delivery delivery) {
        if (delivery.place == Place.ENDING) {
            fenced.add(delivery);
        }
    }

    /** The fence has opened. */
    void opened() {
        unended.addAll(fenced);
        fenced.clear();
    }

    List<Delivery> flying() {
        return List.copyOf(flying);
    }

    /** Out of the lane. A request in flight keeps its slot until {@link #land}. */
    void toGone(Delivery delivery) {
        parked.remove(delivery);
        hurried.remove(delivery);
        if (delivery.place == Place.IN_FLIGHT) {
            flying.remove(delivery);
        } else {
            leave(delivery);
        }
        delivery.place = Place.GONE;
    }

    /** The slot of a request in flight is free, also of one that was cancelled meanwhile. */
    void land(Delivery delivery) {
        freeSlot(delivery);
        if (delivery.place == Place.IN_FLIGHT) {
            flying.remove(delivery);
            delivery.place = Place.GONE;
        }
    }

    private void freeSlot(Delivery delivery) {
        inFlight--;
        bytesInFlight -= Objects.requireNonNull(delivery.flight).size;
    }

    private void leave(Delivery delivery) {
        switch (delivery.place) {
            case LATER -> later.remove(delivery);
            case PREPARING -> preparing.remove(delivery);
            case READY -> ready.remove(delivery);
            case PARKED -> parked.leave(delivery);
            case CLAIMED -> {
                claimed.remove(delivery);
                inFlight--;
            }
            case IN_FLIGHT -> {
                flying.remove(delivery);
                freeSlot(delivery);
            }
            case PURGED -> purged.remove(delivery);
            case ENDING -> {
                ending.remove(delivery);
                unended.remove(delivery);
                fenced.remove(delivery);
            }
            case GONE -> {}
        }
    }

    /**
     * It is due now, whatever its time was, and goes before all others; to be asked only of one that waits.
     *
     * @param now epoch milliseconds
     */
    void hurry(Delivery delivery, long now) {
        Place place = delivery.place;
        Flight flight = delivery.flight;
        leave(delivery);
        delivery.dueAt = now;
        delivery.place = place == Place.PARKED ? Place.LATER : place;
        delivery.flight = flight;
        switch (place) {
            case PREPARING -> preparing.add(delivery);
            case READY -> ready.add(delivery);
            default -> later.add(delivery);
        }
        hurried.add(delivery);
    }

    /** It did not leave after all. */
    void hurryAgain(Delivery delivery) {
        hurried.add(delivery);
    }

    boolean hasHurried() {
        return !hurried.isEmpty();
    }

    List<Delivery> hurried() {
        return List.copyOf(hurried);
    }

    /** All that wait and are not being prepared right now. */
    List<Delivery> waiting() {
        return Stream.of(later.stream(), ready.stream(), parked.all().stream())
                .flatMap(deliveries -> deliveries)
                .toList();
    }

    /** What a purge has taken out of line included. */
    List<Delivery> notInFlight() {
        return Stream.of(waiting().stream(), preparing.stream(), purged.stream())
                .flatMap(deliveries -> deliveries)
                .toList();
    }

    /** All that are here, but for those that are ending and requests whose Task was cancelled. */
    Stream<Delivery> all() {
        return Stream.of(notInFlight().stream(), claimed.stream(), flying.stream())
                .flatMap(deliveries -> deliveries);
    }

    boolean isEmpty() {
        return later.isEmpty()
                && preparing.isEmpty()
                && ready.isEmpty()
                && parked.isEmpty()
                && purged.isEmpty()
                && ending.isEmpty()
                && inFlight == 0;
    }
}
