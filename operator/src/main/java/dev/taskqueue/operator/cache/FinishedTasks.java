package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.time.Instant;
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
 * The finished Tasks that still exist, by queue and by the rule that decides when each is deleted. A Task has one place here while its phase is
 * Finished, and none in all other phases. How long a Task has been finished is measured with the monotonic clock, so nobody shortens or stretches it
 * by setting the wall clock. The monitor guards everything; it may be taken while a record's monitor is held, not the other way round.
 */
public final class FinishedTasks {
    /** The longest time that counts. Sums of such times do not overflow. */
    private static final Duration LONGEST = Duration.ofDays(100 * 365);
    /** Two clocks that are read one after the other may seem to differ by this much. */
    private static final long CLOCK_TOLERANCE = Duration.ofMillis(20).toNanos();

    private final Map<QueueId, QueueShelf> shelves = new HashMap<>();
    private final Clocks clocks;
    /** The monotonic time from which the times here are counted. */
    private final long origin;

    public FinishedTasks(Clocks clocks) {
        this.clocks = clocks;
        this.origin = clocks.monotonic().getAsLong();
    }

    /** The place of one finished Task. */
    private static final class Retained implements RetainedPlace {
        private static final Comparator<Retained> BY_END = Comparator.<Retained>comparingLong(
                        retained -> retained.endedAt)
                .thenComparing(retained -> retained.record.id.uid());

        final TaskRecord record;
        final boolean success;
        /** The end as its status says it, in epoch milliseconds. */
        final long at;
        /** The end in nanoseconds since {@link FinishedTasks#origin}. */
        final long endedAt;
        /** {@code spec.ttlAfterFinished}; null if the rules of the queue apply. */
        final @Nullable Duration ttl;

        /** The set that holds it; null while it is due to be deleted, and after it was removed. */
        private @Nullable NavigableSet<Retained> set;

        private boolean isRemoved;

        private Retained(TaskRecord record, boolean success, Instant at, long endedAt) {
            this.record = record;
            this.success = success;
            this.at = at.toEpochMilli();
            this.endedAt = endedAt;
            this.ttl = record.ttl();
        }

        /** Whether Git, Helm or kubectl apply manages it. After a delete they would create it again, and it would run again. */
        private boolean isPinned() {
            return ttl == null && record.isTracked();
        }

        private long ttlEndsAt() {
            return ttl == null ? Long.MAX_VALUE : endedAt + nanos(ttl);
        }
    }

    private static final class QueueShelf {
        final NavigableSet<Retained> succeeded = new TreeSet<>(Retained.BY_END);
        final NavigableSet<Retained> failed = new TreeSet<>(Retained.BY_END);
        final NavigableSet<Retained> withTtl =
                new TreeSet<>(Comparator.comparingLong(Retained::ttlEndsAt).thenComparing(Retained.BY_END));
        final NavigableSet<Retained> pinned = new TreeSet<>(Retained.BY_END);
        int size;

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

    /** Adds a Task that ended at this time. */
    public RetainedPlace add(TaskRecord record, boolean success, Instant at) {
        var retained = new Retained(record, success, at, sinceOrigin(at));
        synchronized (this) {
            QueueShelf shelf = shelves.computeIfAbsent(record.queue, queue -> new QueueShelf());
            shelf.size++;
            file(shelf, retained);
        }
        return retained;
    }

    /** Converts a time of the wall clock, as it is set now. A time in the future counts as now: nothing has ended later. */
    private long sinceOrigin(Instant time) {
        Duration age = Duration.between(time, clocks.wall().instant());
        return now() - (age.isNegative() ? 0 : nanos(age));
    }

    private long now() {
        return clocks.monotonic().getAsLong() - origin;
    }

    private static long nanos(Duration time) {
        return (time.compareTo(LONGEST) < 0 ? time : LONGEST).toNanos();
    }

    /** The Task was deleted, or is open again. */
    public synchronized void remove(RetainedPlace place) {
        var retained = (Retained) place;
        QueueShelf shelf = shelves.get(retained.record.queue);
        if (shelf == null || retained.isRemoved) {
            return;
        }
        takeOut(retained);
        retained.isRemoved = true;
        if (--shelf.size == 0) {
            shelves.remove(retained.record.queue);
        }
    }

    /** Moves a Task to where the rules that apply now put it: it was due but not deleted, or whether Git or Helm manages it has changed. */
    public synchronized void refile(RetainedPlace place) {
        var retained = (Retained) place;
        QueueShelf shelf = shelves.get(retained.record.queue);
        if (shelf != null && !retained.isRemoved) {
            takeOut(retained);
            file(shelf, retained);
        }
    }

    /** Whether a Task that {@link #takeDue} returned is still to be deleted. */
    public synchronized boolean isStillDue(RetainedPlace place) {
        var retained = (Retained) place;
        return !retained.isRemoved && retained.set == null && !retained.isPinned();
    }

    private static void file(QueueShelf shelf, Retained retained) {
        NavigableSet<Retained> set = shelf.of(retained);
        set.add(retained);
        retained.set = set;
    }

    private static void takeOut(Retained retained) {
        if (retained.set != null) {
            retained.set.remove(retained);
            retained.set = null;
        }
    }

    /** How many Failed Tasks of a queue still exist. */
    public synchronized int failedRetained(QueueId queue) {
        QueueShelf shelf = shelves.get(queue);
        return shelf == null ? 0 : (int) shelf.failed().count();
    }

    /**
     * The Failed Tasks of a queue that ended at this time or earlier; compared by the millisecond. If the wall clock was set back after such an end,
     * the time in its status is later, but it was earlier.
     */
    public synchronized List<TaskRecord> failed(QueueId queue, Instant by) {
        QueueShelf shelf = shelves.get(queue);
        long millis = by.toEpochMilli();
        long certain = sinceOrigin(by) - CLOCK_TOLERANCE;
        return shelf == null
                ? List.of()
                : shelf.failed()
                        .filter(retained -> retained.at <= millis || retained.endedAt <= certain)
                        .map(retained -> retained.record)
                        .toList();
    }

    /** Takes out the Tasks whose retention is over. */
    public synchronized List<TaskRecord> takeDue(Function<QueueId, QueueProfile.RetentionLimits> rules) {
        long now = now();
        var due = new ArrayList<Retained>();
        shelves.forEach((queue, shelf) -> {
            QueueProfile.RetentionLimits limits = rules.apply(queue);
            takeDue(shelf.succeeded, limits.succeeded(), limits.maxSucceeded(), now, due);
            takeDue(shelf.failed, limits.failed(), limits.maxFailed(), now, due);
            while (!shelf.withTtl.isEmpty() && shelf.withTtl.first().ttlEndsAt() <= now) {
                due.add(shelf.withTtl.removeFirst());
            }
        });
        var records = new ArrayList<TaskRecord>(due.size());
        for (Retained retained : due) {
            retained.set = null;
            records.add(retained.record);
        }
        return records;
    }

    private static void takeDue(
            NavigableSet<Retained> from, Duration retention, int max, long now, List<Retained> due) {
        while (!from.isEmpty() && (from.size() > max || from.first().endedAt + nanos(retention) <= now)) {
            due.add(from.removeFirst());
        }
    }
}
