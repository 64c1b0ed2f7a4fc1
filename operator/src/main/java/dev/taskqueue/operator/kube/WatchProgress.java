package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.Sleeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** The resourceVersion up to which a reflector has passed on every change. Threads can wait for a version. */
final class WatchProgress implements AutoCloseable {
    private final Sleeper sleeper;
    /** The threads that wait. Each has a semaphore of its own. */
    private final List<Waiter> waiters = new ArrayList<>();

    private long reached;
    /** The watch has to pass this version soon, if need be by a new list. */
    private long wanted;

    private boolean closed;

    private record Waiter(long version, Semaphore done) {}

    WatchProgress(Sleeper sleeper) {
        this.sleeper = sleeper;
    }

    synchronized void reached(long version) {
        reached = version;
        if (!waiters.isEmpty()) {
            release();
        }
    }

    synchronized boolean hasReached(long version) {
        return reached >= version;
    }

    /** From now on the watch is behind until it has reached this version. Returns whether nobody has wanted as much before. */
    synchronized boolean want(long version) {
        boolean isNew = version > wanted;
        wanted = Math.max(wanted, version);
        return isNew;
    }

    /** Whether it has not reached the version that somebody wants. */
    synchronized boolean isBehind() {
        return reached < wanted;
    }

    /** Waits for this time at most. Returns whether the version was reached. */
    boolean await(long version, Duration atMost) throws InterruptedException {
        var waiter = new Waiter(version, new Semaphore(0));
        synchronized (this) {
            waiters.add(waiter);
            release();
        }
        sleeper.acquire(waiter.done, atMost);
        synchronized (this) {
            waiters.remove(waiter);
            return reached >= version;
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

    private void release() {
        waiters.removeIf(waiter -> {
            boolean isDone = closed || reached >= waiter.version;
            if (isDone) {
                waiter.done.release();
            }
            return isDone;
        });
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        release();
    }
}
