package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Conditions.Reason;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Where a reader of a condition's message reads on: each reason for which somebody has to act has a section of its own in the page on trouble,
 * and its messages name it. The others carry no link: they are most of all writes, and ask nothing of anybody.
 */
public final class DocLinks {
    /** The page, from the root of the repository: whoever publishes the pages elsewhere changes it here alone. */
    public static final String PAGE = "docs/troubleshooting.md";

    /** The reasons for which somebody has to act. */
    public static final Set<Reason> REASONS = Collections.unmodifiableSet(EnumSet.of(
            Reason.InvalidSpec,
            Reason.QueueNotFound,
            Reason.TargetNotFound,
            Reason.TargetRefused,
            Reason.SourceNotFound,
            Reason.TokenNotPermitted,
            Reason.LimitExceeded,
            Reason.NoReadyEndpoint,
            Reason.RetriesExhausted,
            Reason.NonRetryable,
            Reason.Expired,
            Reason.DeadLetterChain,
            Reason.Overloaded,
            Reason.WriteRefused));

    private static final String BEFORE = " (see ";

    private DocLinks() {}

    /** The section of a reason, as {@code PAGE#anchor}. */
    public static String section(Reason reason) {
        return PAGE + "#" + reason.name().toLowerCase(Locale.ROOT);
    }

    /**
     * A condition's message with the section behind it, where its reason has one and both fit. The sentence comes first: it names the object
     * and what to change.
     *
     * @param limit characters that the message may have
     */
    public static String append(String message, Reason reason, int limit) {
        if (!REASONS.contains(reason)) {
            return message;
        }
        String whole = message + BEFORE + section(reason) + ")";
        return whole.length() <= limit ? whole : message;
    }

    /** The sentence alone, for where there is little room. */
    public static String withoutLink(String message) {
        int end = message.indexOf(BEFORE + PAGE);
        return end < 0 ? message : message.substring(0, end);
    }
}
