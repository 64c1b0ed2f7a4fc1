package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.task.Times;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The purge that {@code spec.purgeBefore} asks for, compared with {@code status.purge}. A new value is first written into status together with its
 * cutoff. It is acted on when it is read back, so that the cutoff is the same after a restart. Pure.
 */
sealed interface PurgeOrder {
    /** There is no purge, or it is done. */
    record Nothing() implements PurgeOrder {}

    /** A new purge: it is written into status, and not yet acted on. */
    record New(String value, Instant cutoff) implements PurgeOrder {}

    /**
     * A purge in progress: it goes on until no Task is left.
     *
     * @param known {@code status.purge}
     */
    record Open(Purge known, Instant cutoff) implements PurgeOrder {}

    /**
     * Compares spec and status.
     *
     * @param value {@code spec.purgeBefore}; a value that cannot be read means no purge
     * @param known {@code status.purge}
     */
    static PurgeOrder of(@Nullable String value, @Nullable Purge known, Instant now) {
        Instant wanted = parse(value);
        if (value == null || wanted == null) {
            return new Nothing();
        }
        Instant cutoff = known == null ? null : parse(known.cutoffTime());
        if (known == null || cutoff == null || !isSame(value, wanted, known)) {
            // Creation times are cut to whole seconds. Within the second of the cutoff nobody knows which Task came
            // before it.
            return new New(value, (wanted.isBefore(now) ? wanted : now).truncatedTo(ChronoUnit.SECONDS));
        }
        return known.completionTime() == null ? new Open(known, cutoff) : new Nothing();
    }

    private static boolean isSame(String value, Instant wanted, Purge known) {
        return value.equals(known.value()) || Objects.equals(wanted, parse(known.value()));
    }

    /** Whether the value is not a time. */
    static boolean isUnreadable(@Nullable String value) {
        return value != null && parse(value) == null;
    }

    private static @Nullable Instant parse(@Nullable String time) {
        return Times.read(time).orElse(null);
    }
}
