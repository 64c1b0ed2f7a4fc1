package dev.taskqueue.dev.apiserver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The last changes of one resource. Each watch reads them at its own speed. A watch that is too slow gets 410 and lists again, so a slow watch costs
 * nothing.
 */
final class EventLog {
    private final @Nullable Event[] ring;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    /** The number of all events so far. Modulo the size of the ring it is the next place in the ring. */
    private long count;

    /** The newest version whose event was dropped from the log. Older events were dropped, too. */
    private long forgottenVersion;

    private boolean closed;

    EventLog(int size) {
        ring = new Event[size];
    }

    void append(Event event) {
        lock.lock();
        try {
            int place = place(count);
            Event forgotten = ring[place];
            if (forgotten != null) {
                forgottenVersion = forgotten.version();
            }
            ring[place] = event;
            count++;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the events after a version, oldest first. If there is none yet, it waits for one, up to the given time.
     *
     * @return empty if the time is over, or if the log is closed
     * @throws ApiFailure 410 if some of these events were dropped
     */
    List<Event> after(long version, Duration atMost) {
        lock.lock();
        try {
            long nanos = atMost.toNanos();
            while (!closed && (count == 0 || at(count - 1).version() <= version)) {
                if (nanos <= 0) {
                    return List.of();
                }
                nanos = grown.awaitNanos(nanos);
            }
            return closed ? List.of() : read(version);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private List<Event> read(long version) {
        if (version < forgottenVersion) {
            throw ApiFailure.expired(version);
        }
        long oldest = Math.max(0, count - ring.length);
        long first = count;
        while (first > oldest && at(first - 1).version() > version) {
            first--;
        }
        var events = new ArrayList<Event>();
        for (long next = first; next < count; next++) {
            events.add(at(next));
        }
        return events;
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Event at(long number) {
        Event event = ring[place(number)];
        if (event == null) {
            throw new IllegalStateException("nothing was ever written here");
        }
        return event;
    }

    private int place(long number) {
        return (int) (number % ring.length);
    }
}
