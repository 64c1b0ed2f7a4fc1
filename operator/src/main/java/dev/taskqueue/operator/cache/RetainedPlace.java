package dev.taskqueue.operator.cache;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/** The place of one finished object among those that are retained. {@link FinishedObjects} makes it, and guards what is in it. */
public final class RetainedPlace<R extends RetainedObject> {
    /** The longest time that counts. Sums of such times do not overflow. */
    private static final Duration LONGEST = Duration.ofDays(100 * 365);

    final R object;
    final boolean success;
    /** The end as its status says it, in epoch milliseconds. */
    final long at;
    /** The end in nanoseconds since the origin of {@link FinishedObjects}. */
    final long endedAt;
    /** {@code spec.ttlAfterFinished}; null if the rules of the queue apply. */
    final @Nullable Duration ttl;

    /** The set that holds it; null while it is due to be deleted, and after it was removed. */
    @Nullable NavigableSet<RetainedPlace<R>> set;

    boolean isRemoved;

    RetainedPlace(R object, boolean success, Instant at, long endedAt) {
        this.object = object;
        this.success = success;
        this.at = at.toEpochMilli();
        this.endedAt = endedAt;
        this.ttl = object.ttl();
    }

    static long nanos(Duration time) {
        return (time.compareTo(LONGEST) < 0 ? time : LONGEST).toNanos();
    }

    static <R extends RetainedObject> Comparator<RetainedPlace<R>> byEnd() {
        return Comparator.<RetainedPlace<R>>comparingLong(place -> place.endedAt)
                .thenComparing(place -> place.object.uid());
    }

    static <R extends RetainedObject> Comparator<RetainedPlace<R>> byTtl() {
        return Comparator.<RetainedPlace<R>>comparingLong(RetainedPlace::ttlEndsAt)
                .thenComparing(byEnd());
    }

    /** Whether it was made for this very end. */
    public boolean isOf(boolean endsWell, Instant end) {
        return success == endsWell && at == end.toEpochMilli();
    }

    /** Whether Git, Helm or kubectl apply manages it. After a delete they would create it again, and it would run again. */
    boolean isPinned() {
        return ttl == null && object.isTracked();
    }

    long ttlEndsAt() {
        return ttl == null ? Long.MAX_VALUE : endedAt + nanos(ttl);
    }
}
