package dev.taskqueue.operator.engine;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A lane's deliveries that end without another attempt. Each is written once this process may; its lane guards it. */
final class EndingDeliveries {
    /** To be written. */
    private final Set<Delivery> waiting = new LinkedHashSet<>();
    /** Being written. */
    private final Set<Delivery> underway = new LinkedHashSet<>();
    /** This process was not allowed to write them; they wait for the fence to open. */
    private final Set<Delivery> fenced = new LinkedHashSet<>();

    void add(Delivery delivery) {
        waiting.add(delivery);
    }

    void remove(Delivery delivery) {
        waiting.remove(delivery);
        underway.remove(delivery);
        fenced.remove(delivery);
    }

    /** Those that are to be written now; each is handed out once. */
    List<Delivery> take() {
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
