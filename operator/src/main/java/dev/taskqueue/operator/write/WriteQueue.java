package dev.taskqueue.operator.write;

import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.limits.SharedPool;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does writes that may wait, a few at a time: redrives and deletes. A write that fails is repeated after a growing pause. If several writes of one
 * namespace fail in a row, that namespace rests, and then goes on with one write. Failures in one namespace do not delay the others. The monitor
 * guards everything; no request is made under it.
 */
public final class WriteQueue {
    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    /** The number of failures in a row after which a namespace rests. */
    private static final int FAILURES_UNTIL_REST = 3;
    /** The most writes that wait here for a slot; the others stay with {@link Work}. */
    private static final int MAX_WAITING = 1000;

    private final TaskWriteContext context;
    private final SharedPool pool;
    private final Executor threads;
    private final Work work;
    /** In the order of their turns. */
    private final Map<String, Namespace> namespaces = new LinkedHashMap<>();

    /** The writes to do. Called without a lock of this class. */
    public interface Work {
        /** The next Task to write; null if there is none now. */
        @Nullable TaskRecord next();

        /** Writes once. Returns the shortest pause before the write is repeated; null if it is done. */
        @Nullable Duration write(TaskRecord record);
    }

    /** A Task that {@link Work} has handed over. */
    private static final class Item {
        final TaskRecord record;
        final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        long notBefore;

        Item(TaskRecord record) {
            this.record = record;
        }
    }

    private static final class Namespace {
        final PriorityQueue<Item> items = new PriorityQueue<>(Comparator.comparingLong(item -> item.notBefore));
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
     * @param pool bounds the writes in flight; this queue takes one slot for each
     */
    public WriteQueue(TaskWriteContext context, SharedPool pool, Executor threads, Work work) {
        this.context = context;
        this.pool = pool;
        this.threads = threads;
        this.work = work;
    }

    /** Adds a Task to write. */
    public void add(TaskRecord record) {
        put(new Item(record));
        startWrites();
    }

    /** Starts the writes that may start now. It must also be called about every second, because pauses end. */
    public void startWrites() {
        for (Item item = pick(); item != null; item = pick()) {
            Item first = item;
            threads.execute(() -> run(first));
        }
    }

    private void run(Item first) {
        for (Item item = first; item != null; item = pick()) {
            Duration pause = FIRST_PAUSE;
            try {
                pause = work.write(item.record);
            } catch (RuntimeException failure) {
                LOG.error("Task {} could not be written; the others go on", item.record.id, failure);
            }
            done(item, pause);
        }
    }

    private @Nullable Item pick() {
        while (true) {
            Item item = take();
            if (item != null || isFull()) {
                return item;
            }
            TaskRecord next = work.next();
            if (next == null) {
                return null;
            }
            put(new Item(next));
        }
    }

    private synchronized void put(Item item) {
        item.notBefore = nanos();
        namespaces
                .computeIfAbsent(item.record.id.namespace(), none -> new Namespace())
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

    /** Takes the first Task whose pause is over, whose namespace does not rest, and for which there is a slot. */
    private synchronized @Nullable Item take() {
        long now = nanos();
        for (var entry : namespaces.entrySet()) {
            Namespace namespace = entry.getValue();
            Item item = namespace.items.peek();
            if (item != null
                    && item.notBefore - now <= 0
                    && namespace.mayStart(now)
                    && pool.tryAcquire(item.record.queue, 1)) {
                namespace.items.remove();
                namespace.inFlight++;
                namespaces.remove(entry.getKey());
                namespaces.put(entry.getKey(), namespace);
                return item;
            }
        }
        return null;
    }

    private synchronized void done(Item item, @Nullable Duration pause) {
        pool.release(item.record.queue, 1);
        String name = item.record.id.namespace();
        Namespace namespace = namespaces.computeIfAbsent(name, none -> new Namespace());
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

    private void rest(Namespace namespace) {
        if (namespace.backoff == null) {
            namespace.backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        } else if (namespace.restsUntil - nanos() > 0) {
            // Several writes were in flight and failed together: they count as one.
            return;
        }
        namespace.restsUntil = nanos() + namespace.backoff.next().toNanos();
    }

    private long nanos() {
        return context.retries().nanos();
    }
}
