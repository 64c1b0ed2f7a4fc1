package dev.taskqueue.operator.kube;

import java.util.concurrent.Semaphore;

/** Bounds the outcome writes in flight, and tells whether there are none: then what is less urgent may be written. */
final class WriteSlots {
    private final int size;
    private final Semaphore free;

    WriteSlots(int size) {
        this.size = size;
        this.free = new Semaphore(size, true);
    }

    void enter() {
        free.acquireUninterruptibly();
    }

    void leave() {
        free.release();
    }

    boolean isIdle() {
        return free.availablePermits() == size;
    }
}
