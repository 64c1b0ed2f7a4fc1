package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.task.Times;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code spec.purgeBefore} asks for, given what {@code status.purge} says already. A new value is first written down together with its
 * cutoff, and only what is read back from there is acted on: so whoever goes on after a restart has the same cutoff. Pure.
 */
sealed interface PurgeOrder {
    /** Nothing is asked for, or it is done. */
    record Nothing() implements PurgeOrder {}

    /** To be written down, and not yet to be acted on. */
    record New(String value, Instant cutoff) implements PurgeOrder {}

    /**
     * To be acted on until none is left.
     *
     * @param known what status says of it
     */
    record Open(Purge known, Instant cutoff) implements PurgeOrder {}

    /**
     * Compares the two.
     *
     * @param value {@code spec.purgeBefore}; one that cannot be read asks for nothing
     * @param known {@code status.purge}
     */
    static PurgeOrder of(@Nullable String value, @Nullable Purge known, Instant now) {
        Instant wanted = parse(value);
        if (value == null || wanted == null) {
            return new Nothing();
        }
        Instant cutoff = known == null ? null : parse(known.cutoffTime());
        if (known == null || cutoff == null || !isSame(value, wanted, known)) {
            // Creation times are whole seconds, cut: of the second of the cutoff itself nobody knows what came before
            // it.
            return new New(value, (wanted.isBefore(now) ? wanted : now).truncatedTo(ChronoUnit.SECONDS));
        }
        return known.completionTime() == null ? new Open(known, cutoff) : new Nothing();
    }

    private static boolean isSame(String value, Instant wanted, Purge known) {
        return value.equals(known.value()) || Objects.equals(wanted, parse(known.value()));
    }

    /** Whether it was set to something that is no time. */
    static boolean isUnreadable(@Nullable String value) {
        return value != null && parse(value) == null;
    }

    private static @Nullable Instant parse(@Nullable String time) {
        return Times.read(time).orElse(null);
    }
}
