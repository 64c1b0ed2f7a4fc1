package dev.taskqueue.operator.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a lane has decided under its lock, for the engine to do without it, in this order. */
final class LaneActions {
    private final List<Move> moves = new ArrayList<>();

    /**
     * Something to do for one delivery.
     *
     * @param state what it was moved to; what to do follows from it, and counts only as long as the delivery is in this very state
     */
    record Move(Delivery delivery, DeliveryState state) {}

    void add(Delivery delivery) {
        moves.add(new Move(delivery, delivery.state));
    }

    void addAll(Collection<Delivery> deliveries) {
        deliveries.forEach(this::add);
    }

    List<Move> all() {
        return moves;
    }
}
