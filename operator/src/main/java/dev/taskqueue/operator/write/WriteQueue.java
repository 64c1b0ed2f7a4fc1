package dev.taskqueue.operator.write;

import dev.taskqueue.operator.cache.RetainedObject;
import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.limits.SharedPool;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does writes that may wait, a few at a time: redrives and deletes. A write that fails is repeated after a growing pause. If several writes of one
 * namespace fail in a row, that namespace rests, and then goes on with one write. Failures in one namespace do not delay the others. The monitor
 * guards everything; no request is made under it.
 */
public final class WriteQueue<R extends RetainedObject> {
    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    /** The number of failures in a row after which a namespace rests. */
    private static final int FAILURES_UNTIL_REST = 3;
    /** The most writes that wait here for a slot; the others stay with {@link Work}. */
    private static final int MAX_WAITING = 1000;

    private final LongSupplier nanos;
    private final SharedPool pool;
    private final Executor threads;
    private final Work<R> work;
    /** In the order of their turns. */
    private final Map<String, Namespace<R>> namespaces = new LinkedHashMap<>();

    /** The writes to do. Called without a lock of this class. */
    public interface Work<R> {
        /** The next object to write; null if there is none now. */
        @Nullable R next();

        /** Writes once. Returns the shortest pause before the write is repeated; null if it is done. */
        @Nullable Duration write(R object);
    }

    /** An object that {@link Work} has handed over. */
    private static final class Item<R> {
        final R object;
        final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        long notBefore;

        Item(R object) {
            this.object = object;
        }
    }

    private static final class Namespace<R> {
        final PriorityQueue<Item<R>> items = new PriorityQueue<>(Comparator.comparingLong(item -> item.notBefore));
        int inFlight;
        int failures;

        @Nullable Backoff backoff;

        long restsUntil;

        boolean mayStart(long now) {
            return backoff == null || (inFlight == 0 && restsUntil - now <= 0);
        }

        boolean isEmpty() {
            return items.isEmpty() && inFlight == 0;
        }
    }

    /**
     * An empty queue.
     *
     * @param nanos the monotonic clock
     * @param pool bounds the writes in flight; this queue takes one slot for each
     */
    public WriteQueue(LongSupplier nanos, SharedPool pool, Executor threads, Work<R> work) {
        this.nanos = nanos;
        this.pool = pool;
        this.threads = threads;
        this.work = work;
    }

    /** Adds an object to write. */
    public void add(R object) {
        put(new Item<>(object));
        startWrites();
    }

    /** Starts the writes that may start now. It must also be called about every second, because pauses end. */
    public void startWrites() {
        for (Item<R> item = pick(); item != null; item = pick()) {
            Item<R> first = item;
            threads.execute(() -> run(first));
        }
    }

    private void run(Item<R> first) {
        for (Item<R> item = first; item != null; item = pick()) {
            Duration pause = FIRST_PAUSE;
            try {
                pause = work.write(item.object);
            } catch (RuntimeException failure) {
                LOG.error("{} of {} could not be written; the others go on", item.object, item.object.queue(), failure);
            }
            done(item, pause);
        }
    }

    private @Nullable Item<R> pick() {
        while (true) {
            Item<R> item = take();
            if (item != null || isFull()) {
                return item;
            }
            R next = work.next();
            if (next == null) {
                return null;
            }
            put(new Item<>(next));
        }
    }

    private synchronized void put(Item<R> item) {
        item.notBefore = nanos();
        namespaces
                .computeIfAbsent(item.object.queue().namespace(), none -> new Namespace<>())
                .items
                .add(item);
    }

    private synchronized boolean isFull() {
        return namespaces.values().stream()
                        .filter(namespace -> namespace.backoff == null)
                        .mapToInt(namespace -> namespace.items.size())
                        .sum()
                >= MAX_WAITING;
    }

    /** Takes the first object whose pause is over, whose namespace does not rest, and for which there is a slot. */
    private synchronized @Nullable Item<R> take() {
        long now = nanos();
        for (var entry : namespaces.entrySet()) {
            Namespace<R> namespace = entry.getValue();
            Item<R> item = namespace.items.peek();
            if (item != null
                    && item.notBefore - now <= 0
                    && namespace.mayStart(now)
                    && pool.tryAcquire(item.object.queue(), 1)) {
                namespace.items.remove();
                namespace.inFlight++;
                namespaces.remove(entry.getKey());
                namespaces.put(entry.getKey(), namespace);
                return item;
            }
        }
        return null;
    }

    private synchronized void done(Item<R> item, @Nullable Duration pause) {
        pool.release(item.object.queue(), 1);
        String name = item.object.queue().namespace();
        Namespace<R> namespace = namespaces.computeIfAbsent(name, none -> new Namespace<>());
        namespace.inFlight--;
        if (pause == null) {
            namespace.failures = 0;
            namespace.backoff = null;
        } else {
            item.notBefore = nanos() + item.backoff.next(pause).toNanos();
            namespace.items.add(item);
            if (++namespace.failures >= FAILURES_UNTIL_REST) {
                rest(namespace);
            }
        }
        if (namespace.isEmpty()) {
            namespaces.remove(name);
        }
    }

    private void rest(Namespace<R> namespace) {
        if (namespace.backoff == null) {
            namespace.backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        } else if (namespace.restsUntil - nanos() > 0) {
            // Several writes were in flight and failed together: they count as one.
            return;
        }
        namespace.restsUntil = nanos() + namespace.backoff.next().toNanos();
    }

    private long nanos() {
        return nanos.getAsLong();
    }
}
