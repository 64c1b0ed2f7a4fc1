package dev.taskqueue.operator.limits;

import dev.taskqueue.operator.domain.QueueId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A bounded resource that queues and their namespaces share by dynamic thresholds, as switches share their packet buffers: a queue may hold no
 * more than is still free, and a namespace no more than {@value #NAMESPACE_FACTOR} times that. A queue that is alone therefore gets half of the
 * pool and a namespace three quarters of it, and whoever comes later always finds room.
 *
 * <p>Thread-safe. No method but {@link #acquire} blocks.
 */
public final class SharedPool {
    private static final int NAMESPACE_FACTOR = 3;

    private final String name;
    private final long capacity;
    private final boolean guarantee;
    private final Map<QueueId, Long> byQueue = new HashMap<>();
    private final Map<String, Long> byNamespace = new HashMap<>();
    /** Who waits in {@link #acquire}, by namespace. The namespace at the front is served next. */
    private final Map<String, Deque<Waiter>> waiting = new LinkedHashMap<>();

    private long used;

    private record Waiter(QueueId holder, CountDownLatch granted) {}

    /**
     * An empty pool.
     *
     * @param name the label {@code pool} of its metrics
     * @param capacity in the unit of the resource: requests, bytes, writes
     * @param guarantee whether a queue that holds nothing always gets what it asks for, even beyond the capacity; without it the capacity is
     *     never exceeded
     */
    public SharedPool(String name, long capacity, boolean guarantee) {
        this.name = name;
        this.capacity = capacity;
        this.guarantee = guarantee;
    }

    public String name() {
        return name;
    }

    public long capacity() {
        return capacity;
    }

    /** How much is held by all together. */
    public synchronized long used() {
        return used;
    }

    /** How much a queue holds. */
    public synchronized long heldBy(QueueId holder) {
        return byQueue.getOrDefault(holder, 0L);
    }

    /** Takes {@code amount} where the holder's share allows it, and returns whether it did. Never waits. */
    public synchronized boolean tryAcquire(QueueId holder, long amount) {
        if (!fits(holder, amount)) {
            return false;
        }
        add(holder, amount);
        return true;
    }

    /** Whether {@link #tryAcquire} would take it. */
    public synchronized boolean hasRoom(QueueId holder, long amount) {
        return fits(holder, amount);
    }

    /** Takes it without asking, even beyond the capacity: for what has happened already and must be counted. */
    public synchronized void take(QueueId holder, long amount) {
        add(holder, amount);
    }

    /**
     * Takes 1, and blocks until the holder's share allows it. Those who wait are served by turns over their namespaces, and within a namespace in
     * the order in which they came. An interrupt is kept for later.
     */
    public void acquire(QueueId holder) {
        CountDownLatch granted = acquireOrWait(holder);
        boolean interrupted = false;
        while (granted != null) {
            try {
                granted.await();
                granted = null;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns what to wait for; null where there is nothing to wait for. */
    private synchronized @Nullable CountDownLatch acquireOrWait(QueueId holder) {
        if (!waiting.containsKey(holder.namespace()) && fits(holder, 1)) {
            add(holder, 1);
            return null;
        }
        var waiter = new Waiter(holder, new CountDownLatch(1));
        waiting.computeIfAbsent(holder.namespace(), none -> new ArrayDeque<>()).add(waiter);
        // A queue of the same namespace may be all that the line waits for.
        grant();
        return waiter.granted();
    }

    /** Gives back what was taken. */
    public synchronized void release(QueueId holder, long amount) {
        add(holder, -amount);
        grant();
    }

    private void grant() {
        while (grantOne()) {
            // Each grant may leave room for another one.
        }
    }

    private boolean grantOne() {
        for (var line : waiting.entrySet()) {
            for (Iterator<Waiter> waiters = line.getValue().iterator(); waiters.hasNext(); ) {
                Waiter waiter = waiters.next();
                if (fits(waiter.holder(), 1)) {
                    add(waiter.holder(), 1);
                    waiters.remove();
                    toTheEnd(line.getKey(), line.getValue());
                    waiter.granted().countDown();
                    return true;
                }
            }
        }
        return false;
    }

    private void toTheEnd(String namespace, Deque<Waiter> line) {
        waiting.remove(namespace);
        if (!line.isEmpty()) {
            waiting.put(namespace, line);
        }
    }

    private boolean fits(QueueId holder, long amount) {
        long held = byQueue.getOrDefault(holder, 0L);
        if (guarantee && held == 0) {
            return true;
        }
        long free = capacity - used;
        return held + amount <= free
                && byNamespace.getOrDefault(holder.namespace(), 0L) + amount <= NAMESPACE_FACTOR * free;
    }

    private void add(QueueId holder, long change) {
        if (change != 0) {
            used += change;
            byQueue.merge(holder, change, SharedPool::sum);
            byNamespace.merge(holder.namespace(), change, SharedPool::sum);
        }
    }

    /** Null, and so no entry, where nothing is held any more. */
    private static @Nullable Long sum(long held, long change) {
        long sum = held + change;
        return sum == 0 ? null : (Long) sum;
    }
}
