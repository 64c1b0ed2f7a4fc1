package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Conditions.Reason;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Adds the section of the documentation to messages of conditions. Each reason for which somebody has to act has a section in the page on
 * troubleshooting, and its messages name page and section. There is no address that every reader can open. All other messages name no section: they
 * are most of all writes, and nobody has to act.
 */
public final class DocLinks {
    /** The page, from the root of the repository. */
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
            Reason.ItemsFailed,
            Reason.TooManyFailed,
            Reason.Cancelled,
            Reason.DeadLetterChain,
            Reason.Overloaded,
            Reason.WriteRefused,
            Reason.ApiServerUnavailable));

    private static final String BEFORE = " (see Troubleshooting, section ";

    private DocLinks() {}

    /** The section of a reason, as {@code PAGE#anchor}. */
    public static String section(Reason reason) {
        return PAGE + "#" + reason.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Appends the section to a message, if its reason has one and both fit. The sentence comes first: it names the object and what to change.
     *
     * @param limit characters that the message may have
     */
    public static String append(String message, Reason reason, int limit) {
        if (!REASONS.contains(reason)) {
            return message;
        }
        String whole = message + BEFORE + reason.name() + ")";
        return whole.length() <= limit ? whole : message;
    }

    /** The message without the section, for places with little room. */
    public static String withoutLink(String message) {
        int end = message.indexOf(BEFORE);
        return end < 0 ? message : message.substring(0, end);
    }
}
