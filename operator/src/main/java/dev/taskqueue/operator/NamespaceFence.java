package dev.taskqueue.operator;

import dev.taskqueue.operator.engine.Fence;
import java.util.function.Predicate;

/**
 * The fence of the Lease. It is also closed for each namespace in which this process does not lead, because the namespace is not served or not taken
 * over yet.
 *
 * @param isLed asked with the name of a namespace
 */
record NamespaceFence(Fence lease, Predicate<String> isLed) implements Fence {
    @Override
    public boolean isOpen() {
        return lease.isOpen();
    }

    @Override
    public boolean isOpen(String namespace) {
        return lease.isOpen() && isLed.test(namespace);
    }

    @Override
    public Outcomes outcomes() {
        return lease.outcomes();
    }
}
