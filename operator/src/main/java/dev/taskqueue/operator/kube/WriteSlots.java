package dev.taskqueue.operator.kube;

import java.util.concurrent.Semaphore;

/**
 * Bounds the writes in flight. Outcomes come first and have the most room; deletes have a little of their own; tellings go one at a time,
 * and only while no outcome is being written or waits for it.
 */
final class WriteSlots {
    private static final int DELETES = 4;

    private final int size;
    private final Semaphore outcomes;
    private final Semaphore deletes = new Semaphore(DELETES, true);

    WriteSlots(int size) {
        this.size = size;
        this.outcomes = new Semaphore(size, true);
    }

    Semaphore outcomes() {
        return outcomes;
    }

    Semaphore deletes() {
        return deletes;
    }

    boolean isIdle() {
        return outcomes.availablePermits() == size;
    }
}
