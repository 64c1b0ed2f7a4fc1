package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.Delivery.Flight;
import dev.taskqueue.operator.engine.Delivery.Place;
import java.util.Collection;
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
    private final NavigableSet<Delivery> later = new TreeSet<>(Delivery.ORDER);
    private final NavigableSet<Delivery> preparing = new TreeSet<>(Delivery.ORDER);
    private final NavigableSet<Delivery> ready = new TreeSet<>(Delivery.ORDER);
    private final NavigableSet<Delivery> claimed = new TreeSet<>(Delivery.ORDER);
    private final Blockades parked = new Blockades();
    /** Those that a person wants sent now, wherever they wait. */
    private final Set<Delivery> hurried = new LinkedHashSet<>();

    private int inFlight;

    /** Claimed ones, and those whose outcome is not written yet, included. */
    int inFlight() {
        return inFlight;
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

    void toLater(Delivery delivery) {
        leave(delivery);
        delivery.flight = null;
        delivery.place = Place.LATER;
        later.add(delivery);
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
        inFlight++;
    }

    void toParked(Delivery delivery, Obstacle obstacle, long nanos) {
        leave(delivery);
        delivery.flight = null;
        parked.park(delivery, obstacle, nanos);
        delivery.place = Place.PARKED;
    }

    void toEnding(Delivery delivery) {
        leave(delivery);
        hurried.remove(delivery);
        delivery.flight = null;
        delivery.place = Place.ENDING;
    }

    /** Out of the lane. A request in flight keeps its slot until {@link #land}. */
    void toGone(Delivery delivery) {
        parked.remove(delivery);
        hurried.remove(delivery);
        if (delivery.place != Place.IN_FLIGHT) {
            leave(delivery);
        }
        delivery.place = Place.GONE;
    }

    /** The slot of a request in flight is free, also of one that was cancelled meanwhile. */
    void land(Delivery delivery) {
        inFlight--;
        if (delivery.place == Place.IN_FLIGHT) {
            delivery.place = Place.GONE;
        }
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
            case IN_FLIGHT -> inFlight--;
            case ENDING, GONE -> {}
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

    List<Delivery> notInFlight() {
        return Stream.concat(waiting().stream(), preparing.stream()).toList();
    }

    boolean isEmpty() {
        return later.isEmpty() && preparing.isEmpty() && ready.isEmpty() && parked.isEmpty() && inFlight == 0;
    }
}
