package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The finished Tasks that are still there, by queue and by the rule that ends their stay. Invariant: a Task has at most one place here, and
 * exactly while its phase is Finished. Its monitor guards everything, and is taken after a record's.
 */
public final class FinishedTasks {
    private final Map<QueueId, Shelf> shelves = new HashMap<>();

    /** The place of one finished Task. */
    public static final class Retained {
        private static final Comparator<Retained> BY_END = Comparator.<Retained, Instant>comparing(
                        retained -> retained.at)
                .thenComparing(retained -> retained.record.id.uid());

        public final TaskRecord record;
        final boolean success;
        final Instant at;
        /** {@code spec.ttlAfterFinished}; null where its queue's rules count. */
        final @Nullable Duration ttl;

        /** The set that it is in; null while it is to be deleted, or retained no longer. */
        private @Nullable NavigableSet<Retained> in;

        private boolean isOver;

        private Retained(TaskRecord record, boolean success, Instant at) {
            this.record = record;
            this.success = success;
            this.at = at;
            this.ttl = record.ttl();
        }

        /** Whether Git, Helm or kubectl apply keeps it: deleted, it would be created, and run, again. */
        private boolean isPinned() {
            return ttl == null && record.isTracked();
        }

        private Instant ttlEndsAt() {
            return ttl == null ? Instant.MAX : at.plus(ttl);
        }
    }

    private static final class Shelf {
        final NavigableSet<Retained> succeeded = new TreeSet<>(Retained.BY_END);
        final NavigableSet<Retained> failed = new TreeSet<>(Retained.BY_END);
        final NavigableSet<Retained> withTtl =
                new TreeSet<>(Comparator.comparing(Retained::ttlEndsAt).thenComparing(Retained.BY_END));
        final NavigableSet<Retained> pinned = new TreeSet<>(Retained.BY_END);
        int all;

        NavigableSet<Retained> of(Retained retained) {
            if (retained.ttl != null) {
                return withTtl;
            }
            if (retained.isPinned()) {
                return pinned;
            }
            return retained.success ? succeeded : failed;
        }

        Stream<Retained> failed() {
            return Stream.of(failed, withTtl, pinned)
                    .flatMap(Collection::stream)
                    .filter(retained -> !retained.success);
        }
    }

    public Retained add(TaskRecord record, boolean success, Instant at) {
        var retained = new Retained(record, success, at);
        synchronized (this) {
            Shelf shelf = shelves.computeIfAbsent(record.queue, queue -> new Shelf());
            shelf.all++;
            place(shelf, retained);
        }
        return retained;
    }

    /** It is gone, or open again. */
    public synchronized void remove(Retained retained) {
        Shelf shelf = shelves.get(retained.record.queue);
        if (shelf == null || retained.isOver) {
            return;
        }
        takeOut(retained);
        retained.isOver = true;
        if (--shelf.all == 0) {
            shelves.remove(retained.record.queue);
        }
    }

    /** It was not deleted, or its mark has come or gone: it stays by the rules that count for it now. */
    public synchronized void replace(Retained retained) {
        Shelf shelf = shelves.get(retained.record.queue);
        if (shelf != null && !retained.isOver) {
            takeOut(retained);
            place(shelf, retained);
        }
    }

    /** Whether it is still to be deleted, once it was. */
    public synchronized boolean isStillDue(Retained retained) {
        return !retained.isOver && retained.in == null && !retained.isPinned();
    }

    private static void place(Shelf shelf, Retained retained) {
        NavigableSet<Retained> set = shelf.of(retained);
        set.add(retained);
        retained.in = set;
    }

    private static void takeOut(Retained retained) {
        if (retained.in != null) {
            retained.in.remove(retained);
            retained.in = null;
        }
    }

    /** How many Failed Tasks of a queue are still there. */
    public synchronized int failedRetained(QueueId queue) {
        Shelf shelf = shelves.get(queue);
        return shelf == null ? 0 : (int) shelf.failed().count();
    }

    /** The Failed Tasks of a queue that had ended by then, to the millisecond. */
    public synchronized List<TaskRecord> failed(QueueId queue, Instant by) {
        Shelf shelf = shelves.get(queue);
        return shelf == null
                ? List.of()
                : shelf.failed()
                        .filter(retained ->
                                !retained.at.truncatedTo(ChronoUnit.MILLIS).isAfter(by))
                        .map(retained -> retained.record)
                        .toList();
    }

    /** Takes out all whose stay is over. */
    public synchronized List<Retained> takeDue(Function<QueueId, QueueProfile.RetentionLimits> rules, Instant now) {
        var due = new ArrayList<Retained>();
        shelves.forEach((queue, shelf) -> {
            QueueProfile.RetentionLimits keep = rules.apply(queue);
            takeDue(shelf.succeeded, keep.succeeded(), keep.maxSucceeded(), now, due);
            takeDue(shelf.failed, keep.failed(), keep.maxFailed(), now, due);
            while (!shelf.withTtl.isEmpty()
                    && !shelf.withTtl.first().ttlEndsAt().isAfter(now)) {
                due.add(shelf.withTtl.removeFirst());
            }
        });
        due.forEach(retained -> retained.in = null);
        return due;
    }

    private static void takeDue(
            NavigableSet<Retained> from, Duration retention, int max, Instant now, List<Retained> due) {
        while (!from.isEmpty()
                && (from.size() > max || !from.first().at.plus(retention).isAfter(now))) {
            due.add(from.removeFirst());
        }
    }
}
