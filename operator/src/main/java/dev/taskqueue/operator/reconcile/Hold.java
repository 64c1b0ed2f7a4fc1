package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.domain.PlainLine;
import dev.taskqueue.operator.task.Times;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pause that a deploy does not undo, read from a TaskQueue's annotations.
 *
 * @param reason who set it or why, in that person's words
 * @param until when it ends by itself; null = when the annotation is removed
 * @param unreadable whether there is a {@code hold-until} that cannot be read; it keeps holding
 */
record Hold(String reason, @Nullable Instant until, boolean unreadable) {
    /** An annotation may have 256 KiB, which is too long for a line of {@code kubectl get}. */
    private static final int MAX_LENGTH = 200;

    /** The hold in force at {@code now}; null if there is none. */
    static @Nullable Hold of(@Nullable Map<String, String> annotations, Instant now) {
        String reason = annotations == null ? null : annotations.get(Annotations.HOLD);
        if (annotations == null || reason == null) {
            return null;
        }
        String words = inOneLine(reason);
        String until = annotations.get(Annotations.HOLD_UNTIL);
        if (until == null) {
            return new Hold(words, null, false);
        }
        Optional<Instant> end = Times.read(until);
        if (end.isEmpty()) {
            return new Hold(words, null, true);
        }
        return end.get().isAfter(now) ? new Hold(words, end.get(), false) : null;
    }

    private static String inOneLine(String reason) {
        String line = PlainLine.of(reason);
        if (line.codePointCount(0, line.length()) <= MAX_LENGTH) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, MAX_LENGTH - 3)) + "...";
    }

    /** The reason in a few words, and the end if it is known. */
    String summary() {
        return (reason.isEmpty() ? "Held" : "Held: " + reason) + (until == null ? "" : ", until " + until);
    }

    String message() {
        if (unreadable) {
            return summary()
                    + ". taskqueue.dev/hold-until is no RFC 3339 time, so it holds until the annotation taskqueue.dev/hold is removed.";
        }
        return summary() + ".";
    }
}
