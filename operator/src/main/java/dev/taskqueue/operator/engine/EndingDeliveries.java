package dev.taskqueue.operator.engine;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A lane's deliveries that end without another attempt. Each end is written once this process may write. The lane's lock guards it. */
final class EndingDeliveries {
    /** Their end is to be written. */
    private final Set<Delivery> waiting = new LinkedHashSet<>();
    /** Their end is being written. */
    private final Set<Delivery> underway = new LinkedHashSet<>();
    /** This process was not allowed to write their end; they wait until the fence opens. */
    private final Set<Delivery> fenced = new LinkedHashSet<>();

    void add(Delivery delivery) {
        waiting.add(delivery);
    }

    void remove(Delivery delivery) {
        waiting.remove(delivery);
        underway.remove(delivery);
        fenced.remove(delivery);
    }

    /** Returns those whose end is to be written now. Each is returned once. */
    List<Delivery> takeWaiting() {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<Delivery> taken = List.copyOf(waiting);
        underway.addAll(taken);
        waiting.clear();
        return taken;
    }

    void fenced(Delivery delivery) {
        if (underway.remove(delivery)) {
            fenced.add(delivery);
        }
    }

    /** The fence has opened. */
    void leadershipResumed() {
        waiting.addAll(fenced);
        fenced.clear();
    }

    boolean isEmpty() {
        return waiting.isEmpty() && underway.isEmpty() && fenced.isEmpty();
    }
}
