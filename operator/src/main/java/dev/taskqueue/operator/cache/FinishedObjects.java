package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The finished Tasks or TaskBatches that still exist, by queue and by the rule that decides when each is deleted. An object has one place here while its
 * phase is Finished, and none in all other phases. How long it has been finished is measured with the monotonic clock, so nobody shortens or stretches it
 * by setting the wall clock. The monitor guards everything; it may be taken while a record's monitor is held, not the other way round.
 */
public final class FinishedObjects<R extends RetainedObject> {
    /** Two clocks that are read one after the other may seem to differ by this much. */
    private static final long CLOCK_TOLERANCE = Duration.ofMillis(20).toNanos();

    private final Map<QueueId, QueueShelf<R>> shelves = new HashMap<>();
    private final Clocks clocks;
    private final EndAges ages;
    /** The monotonic time from which the times here are counted. */
    private final long origin;

    public FinishedObjects(Clocks clocks) {
        this.clocks = clocks;
        this.ages = new EndAges(clocks);
        this.origin = clocks.monotonic().getAsLong();
    }

    private static final class QueueShelf<R extends RetainedObject> {
        final NavigableSet<RetainedPlace<R>> succeeded = new TreeSet<>(RetainedPlace.byEnd());
        final NavigableSet<RetainedPlace<R>> failed = new TreeSet<>(RetainedPlace.byEnd());
        final NavigableSet<RetainedPlace<R>> withTtl = new TreeSet<>(RetainedPlace.byTtl());
        final NavigableSet<RetainedPlace<R>> pinned = new TreeSet<>(RetainedPlace.byEnd());
        int size;
        /** How many of them have succeeded. */
        int succeededSize;

        NavigableSet<RetainedPlace<R>> of(RetainedPlace<R> retained) {
            if (retained.ttl != null) {
                return withTtl;
            }
            if (retained.isPinned()) {
                return pinned;
            }
            return retained.success ? succeeded : failed;
        }

        Stream<RetainedPlace<R>> failed() {
            return Stream.of(failed, withTtl, pinned)
                    .flatMap(Collection::stream)
                    .filter(retained -> !retained.success);
        }
    }

    /** Adds an object that ended at this time. */
    public synchronized RetainedPlace<R> add(R object, boolean success, Instant at) {
        var retained = new RetainedPlace<>(object, success, at, now() - RetainedPlace.nanos(ages.since(at)));
        QueueShelf<R> shelf = shelves.computeIfAbsent(object.queue(), queue -> new QueueShelf<>());
        shelf.size++;
        shelf.succeededSize += success ? 1 : 0;
        file(shelf, retained);
        return retained;
    }

    /** Converts a time of the wall clock, as it is set now. A time in the future counts as now: nothing has ended later. */
    private long sinceOrigin(Instant time) {
        Duration age = Duration.between(time, clocks.wall().instant());
        return now() - (age.isNegative() ? 0 : RetainedPlace.nanos(age));
    }

    private long now() {
        return clocks.monotonic().getAsLong() - origin;
    }

    /** The object was deleted, or is open again. */
    public synchronized void remove(RetainedPlace<R> retained) {
        QueueShelf<R> shelf = shelves.get(retained.object.queue());
        if (shelf == null || retained.isRemoved) {
            return;
        }
        takeOut(retained);
        retained.isRemoved = true;
        shelf.succeededSize -= retained.success ? 1 : 0;
        if (--shelf.size == 0) {
            shelves.remove(retained.object.queue());
        }
    }

    /** Moves an object to where the rules that apply now put it: it was due but not deleted, or whether Git or Helm manages it has changed. */
    public synchronized void refile(RetainedPlace<R> retained) {
        QueueShelf<R> shelf = shelves.get(retained.object.queue());
        if (shelf != null && !retained.isRemoved) {
            takeOut(retained);
            file(shelf, retained);
        }
    }

    /** Whether an object that {@link #takeDue} returned is still to be deleted. */
    public synchronized boolean isStillDue(RetainedPlace<R> retained) {
        return !retained.isRemoved && retained.set == null && !retained.isPinned();
    }

    private void file(QueueShelf<R> shelf, RetainedPlace<R> retained) {
        NavigableSet<RetainedPlace<R>> set = shelf.of(retained);
        set.add(retained);
        retained.set = set;
    }

    private void takeOut(RetainedPlace<R> retained) {
        if (retained.set != null) {
            retained.set.remove(retained);
            retained.set = null;
        }
    }

    /** How many failed objects of a queue still exist. */
    public synchronized int failedRetained(QueueId queue) {
        QueueShelf<R> shelf = shelves.get(queue);
        return shelf == null ? 0 : (int) shelf.failed().count();
    }

    /** How many succeeded objects of a queue still exist. */
    public synchronized int succeededRetained(QueueId queue) {
        QueueShelf<R> shelf = shelves.get(queue);
        return shelf == null ? 0 : shelf.succeededSize;
    }

    /**
     * The failed objects of a queue that ended at this time or earlier; compared by the millisecond. If the wall clock was set back after such an end,
     * the time in its status is later, but it was earlier.
     */
    public synchronized List<R> failed(QueueId queue, Instant by) {
        QueueShelf<R> shelf = shelves.get(queue);
        long millis = by.toEpochMilli();
        long certain = sinceOrigin(by) - CLOCK_TOLERANCE;
        return shelf == null
                ? List.of()
                : shelf.failed()
                        .filter(retained -> retained.at <= millis || retained.endedAt <= certain)
                        .map(retained -> retained.object)
                        .toList();
    }

    /** Takes out the objects whose retention is over. */
    public synchronized List<R> takeDue(Function<QueueId, QueueProfile.RetentionLimits> rules) {
        ages.compareClocks();
        long now = now();
        var due = new ArrayList<RetainedPlace<R>>();
        shelves.forEach((queue, shelf) -> {
            QueueProfile.RetentionLimits limits = rules.apply(queue);
            takeDue(shelf.succeeded, limits.succeeded(), limits.maxSucceeded(), now, due);
            takeDue(shelf.failed, limits.failed(), limits.maxFailed(), now, due);
            while (!shelf.withTtl.isEmpty() && shelf.withTtl.first().ttlEndsAt() <= now) {
                due.add(shelf.withTtl.removeFirst());
            }
        });
        var records = new ArrayList<R>(due.size());
        for (RetainedPlace<R> retained : due) {
            retained.set = null;
            records.add(retained.object);
        }
        return records;
    }

    private void takeDue(
            NavigableSet<RetainedPlace<R>> from, Duration retention, int max, long now, List<RetainedPlace<R>> due) {
        while (!from.isEmpty() && (from.size() > max || from.first().endedAt + RetainedPlace.nanos(retention) <= now)) {
            due.add(from.removeFirst());
        }
    }
}
