package dev.taskqueue.operator.kube;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Up to which resourceVersion a reflector has told every change, for whoever waits for that. Safe for use by several threads. */
final class WatchProgress implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long reached;
    private boolean closed;

    void reached(long version) {
        lock.lock();
        try {
            reached = version;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean hasReached(long version) {
        lock.lock();
        try {
            return reached >= version;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for so long at most; returns whether the version was reached. */
    boolean await(long version, Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            for (long left = atMost.toNanos(); reached < version && !closed && left > 0; ) {
                left = changed.awaitNanos(left);
            }
            return reached >= version;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for as long as it takes; interrupted where nothing comes any more. */
    void await(long version) throws InterruptedException {
        while (!await(version, Duration.ofDays(1))) {
            if (isClosed()) {
                throw new InterruptedException("nothing is followed any more");
            }
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
