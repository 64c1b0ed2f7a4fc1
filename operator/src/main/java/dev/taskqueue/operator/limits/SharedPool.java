package dev.taskqueue.operator.limits;

import dev.taskqueue.operator.domain.QueueId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A bounded resource that queues and their namespaces share by dynamic thresholds, as network switches share their packet buffers: a queue may hold
 * no more than is still free, and a namespace no more than {@value #NAMESPACE_FACTOR} times that. So a single queue gets half of the pool, a single
 * namespace three quarters of it, and later ones always find room.
 *
 * <p>Thread-safe. No method but {@link #acquire} blocks.
 */
public final class SharedPool {
    private static final int NAMESPACE_FACTOR = 3;

    private final String name;
    private final long capacity;
    private final boolean guarantee;
    /** The queues that hold something or wait, and no others; the same for the namespaces. */
    private final Map<QueueId, QueueShare> queues = new HashMap<>();

    private final Map<String, NamespaceShare> namespaces = new HashMap<>();
    /** The namespaces that wait in {@link #acquire}. The first of them is served next. */
    private final SequencedSet<NamespaceShare> waiting = new LinkedHashSet<>();

    private long used;

    private static final class NamespaceShare {
        final String name;
        long held;
        /** Its queues that wait. The first of them is served next. */
        final SequencedSet<QueueShare> waiting = new LinkedHashSet<>();

        NamespaceShare(String name) {
            this.name = name;
        }
    }

    private static final class QueueShare {
        final QueueId queue;
        final NamespaceShare namespace;
        long held;
        final Deque<CountDownLatch> waiters = new ArrayDeque<>(0);

        QueueShare(QueueId queue, NamespaceShare namespace) {
            this.queue = queue;
            this.namespace = namespace;
        }
    }

    /**
     * An empty pool.
     *
     * @param name the label {@code pool} of its metrics
     * @param capacity in the unit of the resource: requests, bytes, writes
     * @param guarantee whether a queue that holds nothing always gets what it asks for, even beyond the capacity; if false, the capacity is never
     *     exceeded
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

    /** How much all queues hold together. */
    public synchronized long used() {
        return used;
    }

    /** How much a queue holds. */
    public synchronized long heldBy(QueueId holder) {
        QueueShare share = queues.get(holder);
        return share == null ? 0 : share.held;
    }

    /** Takes {@code amount} if the holder's share allows it. Returns whether it did. Never waits. */
    public synchronized boolean tryAcquire(QueueId holder, long amount) {
        QueueShare share = share(holder);
        boolean fits = fits(share, amount);
        if (fits) {
            add(share, amount);
        }
        forgetIfEmpty(share);
        return fits;
    }

    /** Whether {@link #tryAcquire} would take it. */
    public synchronized boolean hasRoom(QueueId holder, long amount) {
        QueueShare share = share(holder);
        boolean fits = fits(share, amount);
        forgetIfEmpty(share);
        return fits;
    }

    /** The most that {@link #tryAcquire} would take. */
    public synchronized long room(QueueId holder) {
        QueueShare share = share(holder);
        long free = capacity - used;
        long room = Math.min(free - share.held, NAMESPACE_FACTOR * free - share.namespace.held);
        boolean holdsNothing = share.held == 0;
        forgetIfEmpty(share);
        return Math.max(room, guarantee && holdsNothing ? 1 : 0);
    }

    /** Takes it in any case, even beyond the capacity: for something that has happened already and must be counted. */
    public synchronized void take(QueueId holder, long amount) {
        QueueShare share = share(holder);
        add(share, amount);
        forgetIfEmpty(share);
    }

    /**
     * Takes 1, and blocks until the holder's share allows it. The namespaces that wait take turns, within a namespace its queues take turns, and
     * within a queue the callers are served in the order in which they came. An interrupt is kept for later.
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

    /** Takes 1 and returns null, or returns the latch to wait for. */
    private synchronized @Nullable CountDownLatch acquireOrWait(QueueId holder) {
        QueueShare share = share(holder);
        if (share.namespace.waiting.isEmpty() && fits(share, 1)) {
            add(share, 1);
            return null;
        }
        var granted = new CountDownLatch(1);
        share.waiters.add(granted);
        share.namespace.waiting.add(share);
        waiting.add(share.namespace);
        // The namespace may have been waiting with another queue that finds no room. This one may find some.
        grant();
        return granted;
    }

    /** Gives back what was taken. */
    public synchronized void release(QueueId holder, long amount) {
        QueueShare share = share(holder);
        add(share, -amount);
        forgetIfEmpty(share);
        grant();
    }

    private void grant() {
        while (grantOne()) {
            // Each grant may leave room for another one.
        }
    }

    /** Checks each queue once: if its first caller finds no room, the others find none either. */
    private boolean grantOne() {
        for (NamespaceShare namespace : waiting) {
            for (QueueShare queue : namespace.waiting) {
                if (fits(queue, 1)) {
                    serve(queue);
                    return true;
                }
            }
        }
        return false;
    }

    private void serve(QueueShare queue) {
        NamespaceShare namespace = queue.namespace;
        add(queue, 1);
        queue.waiters.remove().countDown();
        namespace.waiting.remove(queue);
        if (!queue.waiters.isEmpty()) {
            namespace.waiting.addLast(queue);
        }
        waiting.remove(namespace);
        if (!namespace.waiting.isEmpty()) {
            waiting.addLast(namespace);
        }
    }

    private boolean fits(QueueShare share, long amount) {
        if (guarantee && share.held == 0) {
            return true;
        }
        long free = capacity - used;
        return share.held + amount <= free && share.namespace.held + amount <= NAMESPACE_FACTOR * free;
    }

    private void add(QueueShare share, long change) {
        used += change;
        share.held += change;
        share.namespace.held += change;
    }

    private QueueShare share(QueueId holder) {
        QueueShare known = queues.get(holder);
        if (known != null) {
            return known;
        }
        var share = new QueueShare(holder, namespaces.computeIfAbsent(holder.namespace(), NamespaceShare::new));
        queues.put(holder, share);
        return share;
    }

    private void forgetIfEmpty(QueueShare share) {
        if (share.held == 0 && share.waiters.isEmpty()) {
            queues.remove(share.queue);
            NamespaceShare namespace = share.namespace;
            if (namespace.held == 0 && namespace.waiting.isEmpty()) {
                namespaces.remove(namespace.name);
            }
        }
    }
}
