package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Redrive;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The redrive of a whole queue. It is written down before anything is done, with the time up to which Tasks count, so a restart half-way goes
 * on with the same ones. Pure.
 *
 * @param redrive what status is to say; null where there never was a redrive
 */
record RedriveOrder(@Nullable Redrive redrive) {

    /**
     * What follows from the annotation and from what status says until now.
     *
     * @param asked the annotation's value; null where there is none
     */
    static RedriveOrder of(@Nullable String asked, @Nullable Redrive before, Instant now) {
        if (asked == null || (before != null && asked.equals(before.value()))) {
            return new RedriveOrder(before);
        }
        // To the millisecond, rounded up: what has failed by now has failed by then.
        String start = now.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS).toString();
        return new RedriveOrder(new Redrive(asked, start, null, null));
    }

    /** Up to when the Tasks to be started again had failed; null where nothing is to be done. */
    @Nullable Instant failedBy() {
        return redrive == null || redrive.completionTime() != null || redrive.startTime() == null
                ? null
                : Instant.parse(redrive.startTime());
    }

    /**
     * The same, further on.
     *
     * @param remaining how many are still to be started again; empty while that is not known
     */
    RedriveOrder progressed(OptionalInt remaining, Instant now) {
        if (redrive == null || remaining.isEmpty()) {
            return this;
        }
        int left = remaining.getAsInt();
        String end = left == 0 ? now.truncatedTo(ChronoUnit.SECONDS).toString() : null;
        return new RedriveOrder(new Redrive(redrive.value(), redrive.startTime(), left, end));
    }
}
