package dev.taskqueue.operator.lease;

import dev.taskqueue.operator.domain.Sleeper;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The events of the Lease that wait for the election's thread. That thread waits for them by a {@link Sleeper}. */
final class LeaseEvents extends LinkedBlockingQueue<Runnable> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // no queue is ever serialized
    private final transient Sleeper sleeper;

    private final Semaphore added = new Semaphore(0);

    LeaseEvents(Sleeper sleeper) {
        this.sleeper = sleeper;
    }

    @Override
    public boolean add(Runnable event) {
        boolean changed = super.add(event);
        added.release();
        return changed;
    }

    @Override
    public @Nullable Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
        Runnable first = poll();
        if (first != null) {
            return first;
        }
        added.drainPermits();
        // An event may have come in between.
        first = poll();
        if (first == null && sleeper.acquire(added, Duration.of(timeout, unit.toChronoUnit()))) {
            first = poll();
        }
        return first;
    }
}
