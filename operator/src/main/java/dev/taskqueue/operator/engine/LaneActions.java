package dev.taskqueue.operator.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The actions that a lane has decided under its lock. The engine performs them in this order, without the lock. */
final class LaneActions {
    private final List<Action> all = new ArrayList<>();

    /**
     * One action for one delivery.
     *
     * @param state the state that the lane has moved the delivery to. It says what to do, and is valid only while the delivery is in this very
     *     state.
     */
    record Action(Delivery delivery, DeliveryState state) {}

    void add(Delivery delivery) {
        all.add(new Action(delivery, delivery.state));
    }

    void addAll(Collection<Delivery> deliveries) {
        deliveries.forEach(this::add);
    }

    List<Action> all() {
        return all;
    }
}
