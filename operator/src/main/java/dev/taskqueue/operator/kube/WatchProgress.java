package dev.taskqueue.operator.kube;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The resourceVersion up to which a reflector has passed on every change. Threads can wait for a version. */
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

    /** Waits for this time at most. Returns whether the version was reached. */
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

    /** Waits as long as it takes; throws if the reflector is closed. */
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
