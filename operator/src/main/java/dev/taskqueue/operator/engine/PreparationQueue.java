package dev.taskqueue.operator.engine;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A lane's deliveries that are being prepared or are prepared, in the order in which they leave. {@link Deliveries} alone adds and removes them.
 * A probe for an obstacle is being prepared, too, but is not counted: probes are bounded separately, and nothing waits for them.
 */
final class PreparationQueue {
    /** {@link DeliveryState.InPreparation}. */
    private final NavigableSet<Delivery> inPreparation = new TreeSet<>(Delivery.ORDER);
    /** The same, those first whose preparation began first. */
    private final Set<Delivery> byStart = new LinkedHashSet<>();
    /** {@link DeliveryState.Prepared}. */
    private final NavigableSet<Delivery> prepared = new TreeSet<>(Delivery.ORDER);

    private final BlockedDeliveries blocked;

    PreparationQueue(BlockedDeliveries blocked) {
        this.blocked = blocked;
    }

    void addInPreparation(Delivery delivery) {
        inPreparation.add(delivery);
        byStart.add(delivery);
    }

    void removeInPreparation(Delivery delivery) {
        inPreparation.remove(delivery);
        byStart.remove(delivery);
    }

    void addPrepared(Delivery delivery) {
        prepared.add(delivery);
    }

    void removePrepared(Delivery delivery) {
        prepared.remove(delivery);
    }

    boolean isEmpty() {
        return inPreparation.isEmpty() && prepared.isEmpty();
    }

    /** How many are prepared or being prepared, without the probes. */
    int size() {
        return inPreparation.size() - blocked.probing() + prepared.size();
    }

    /** All that are being prepared, probes included. */
    Collection<Delivery> allInPreparation() {
        return inPreparation;
    }

    /** Those that are being prepared, without the probes; those first whose preparation began first. */
    Collection<Delivery> inPreparationByStart() {
        return withoutProbes(byStart);
    }

    /** Those that are being prepared and due before another one, without the probes: a blocked delivery has lost its turn. */
    Collection<Delivery> inPreparationBefore(Delivery other) {
        return withoutProbes(inPreparation.headSet(other, false));
    }

    private Collection<Delivery> withoutProbes(Collection<Delivery> deliveries) {
        return blocked.probing() == 0
                ? deliveries
                : deliveries.stream()
                        .filter(delivery -> !blocked.isProbe(delivery))
                        .toList();
    }

    @Nullable Delivery firstPrepared() {
        return prepared.isEmpty() ? null : prepared.first();
    }

    @Nullable Delivery lastPrepared() {
        return prepared.isEmpty() ? null : prepared.last();
    }

    /** In order. */
    Collection<Delivery> prepared() {
        return prepared;
    }

    /** The last one first. */
    Collection<Delivery> preparedBackwards() {
        return prepared.descendingSet();
    }
}
