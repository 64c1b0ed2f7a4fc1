package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Annotations;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pause that a deploy does not undo, read from a TaskQueue's annotations.
 *
 * @param reason who or why, in the words of whoever set it
 * @param until when it ends by itself; null = when the annotation goes
 * @param unreadable whether there is a {@code hold-until} that cannot be read; it keeps holding
 */
record Hold(String reason, @Nullable Instant until, boolean unreadable) {

    /** The hold in force at {@code now}; null where there is none. */
    static @Nullable Hold of(@Nullable Map<String, String> annotations, Instant now) {
        String reason = annotations == null ? null : annotations.get(Annotations.HOLD);
        if (annotations == null || reason == null) {
            return null;
        }
        String until = annotations.get(Annotations.HOLD_UNTIL);
        if (until == null) {
            return new Hold(reason, null, false);
        }
        try {
            Instant end = OffsetDateTime.parse(until).toInstant();
            return end.isAfter(now) ? new Hold(reason, end, false) : null;
        } catch (DateTimeException wrong) {
            return new Hold(reason, null, true);
        }
    }

    String message() {
        if (unreadable) {
            return "Held: " + reason
                    + ". taskqueue.dev/hold-until is no RFC 3339 time, so it holds until the annotation taskqueue.dev/hold goes.";
        }
        return "Held: " + reason + (until == null ? "." : ", until " + until + ".");
    }
}
