package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes finished Tasks once their retention is over, a few at a time. What Git, Helm or kubectl apply keeps stays, unless it names a
 * {@code ttlAfterFinished}: deleted, it would be created, and run, again. Its monitor guards everything; no request is made under it.
 */
final class Collector implements Deleter.Source {
    private final Cluster cluster;
    private final Queues queues;
    private final Deleter deleter;

    private final Map<QueueId, Shelf> shelves = new HashMap<>();
    private final Map<TaskRecord, Kept> all = new HashMap<>();
    private final Queue<Kept> due = new ArrayDeque<>();

    /** A finished Task that is still there. */
    private record Kept(TaskRecord record, boolean success, Instant at) {
        static final Comparator<Kept> ORDER = Comparator.comparing(Kept::at)
                .thenComparing(kept -> kept.record().id.uid());
    }

    /** The finished Tasks of one queue, by the rule that ends their stay. */
    private static final class Shelf {
        final NavigableSet<Kept> succeeded = new TreeSet<>(Kept.ORDER);
        final NavigableSet<Kept> failed = new TreeSet<>(Kept.ORDER);
        final NavigableSet<Kept> withTtl = new TreeSet<>(
                Comparator.comparing((Kept kept) -> kept.at().plus(ttl(kept))).thenComparing(Kept.ORDER));
        final NavigableSet<Kept> pinned = new TreeSet<>(Kept.ORDER);

        NavigableSet<Kept> of(Kept kept) {
            if (kept.record().ttl != null) {
                return withTtl;
            }
            return kept.success() ? succeeded : failed;
        }

        Stream<Kept> failed() {
            return Stream.of(failed, withTtl, pinned)
                    .flatMap(Collection::stream)
                    .filter(kept -> !kept.success());
        }

        boolean isEmpty() {
            return succeeded.isEmpty() && failed.isEmpty() && withTtl.isEmpty() && pinned.isEmpty();
        }

        private static Duration ttl(Kept kept) {
            Duration ttl = kept.record().ttl;
            return ttl == null ? Duration.ZERO : ttl;
        }
    }

    Collector(Cluster cluster, Queues queues, Executor threads) {
        this.cluster = cluster;
        this.queues = queues;
        this.deleter = new Deleter(cluster, this, threads);
    }

    /** Whether a Task that ends now is to be deleted at once. */
    boolean keepsNothing(TaskRecord record, boolean success) {
        if (record.ttl != null) {
            return record.ttl.isZero();
        }
        QueueProfile.Keep keep = queues.keep(record.queue);
        return !record.isTracked() && (success ? keep.succeeded() : keep.failed()).isZero();
    }

    /** A Task has ended, now or in an earlier life of the operator. */
    void finished(TaskRecord record, boolean success, Instant at) {
        if (record.finish()) {
            keep(new Kept(record, success, at));
        }
    }

    private synchronized void keep(Kept kept) {
        if (cluster.tasks().get(kept.record().id) != kept.record()) {
            // Gone meanwhile: nobody would ever tell so again.
            return;
        }
        Shelf shelf = shelves.computeIfAbsent(kept.record().queue, queue -> new Shelf());
        all.put(kept.record(), kept);
        shelf.of(kept).add(kept);
    }

    /** How many Failed Tasks of a queue are still there. */
    synchronized int failedRetained(QueueId queue) {
        Shelf shelf = shelves.get(queue);
        return shelf == null ? 0 : (int) shelf.failed().count();
    }

    /** The Failed Tasks of a queue that had ended by then, to the millisecond. */
    synchronized List<TaskRecord> failed(QueueId queue, Instant by) {
        Shelf shelf = shelves.get(queue);
        return shelf == null
                ? List.of()
                : shelf.failed()
                        .filter(kept ->
                                !kept.at().truncatedTo(ChronoUnit.MILLIS).isAfter(by))
                        .map(Kept::record)
                        .toList();
    }

    /** A finished Task is gone, or open again. */
    synchronized void removed(TaskRecord record) {
        Kept kept = all.remove(record);
        Shelf shelf = shelves.get(record.queue);
        if (kept != null && shelf != null) {
            shelf.of(kept).remove(kept);
            shelf.pinned.remove(kept);
            if (shelf.isEmpty()) {
                shelves.remove(record.queue);
            }
        }
    }

    /** To be called about every second: deletes what is due. */
    void tick() {
        if (!cluster.fence().isOpen()) {
            return;
        }
        synchronized (this) {
            Instant now = cluster.wall().instant();
            shelves.forEach((queue, shelf) -> collect(shelf, queues.keep(queue), now));
        }
        deleter.tick();
    }

    private void collect(Shelf shelf, QueueProfile.Keep keep, Instant now) {
        collect(shelf, shelf.succeeded, keep.succeeded(), keep.maxSucceeded(), now);
        collect(shelf, shelf.failed, keep.failed(), keep.maxFailed(), now);
        while (!shelf.withTtl.isEmpty()
                && !shelf.withTtl
                        .first()
                        .at()
                        .plus(Shelf.ttl(shelf.withTtl.first()))
                        .isAfter(now)) {
            due.add(shelf.withTtl.removeFirst());
        }
    }

    private void collect(Shelf shelf, NavigableSet<Kept> kept, Duration retention, int max, Instant now) {
        while (!kept.isEmpty()
                && (kept.size() > max || !kept.first().at().plus(retention).isAfter(now))) {
            Kept first = kept.removeFirst();
            if (first.record().isTracked()) {
                shelf.pinned.add(first);
            } else {
                due.add(first);
            }
        }
    }

    @Override
    public synchronized @Nullable TaskRecord next() {
        Kept next = due.poll();
        while (next != null && !next.equals(all.get(next.record()))) {
            // Gone or open again since it was due.
            next = due.poll();
        }
        return next == null ? null : next.record();
    }

    @Override
    public boolean isStillDue(TaskRecord record) {
        return record.isFinished();
    }

    @Override
    public synchronized void kept(TaskRecord record) {
        Kept kept = all.get(record);
        if (kept != null) {
            keep(kept);
        }
    }
}
