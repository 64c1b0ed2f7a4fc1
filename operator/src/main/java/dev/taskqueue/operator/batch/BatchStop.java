package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.domain.PlainLine;
import java.util.EnumSet;
import java.util.Set;

/**
 * Why nothing further leaves of a batch.
 *
 * @param isSuccess whether the batch counts as delivered; only one that had ended before can be
 * @param message a sentence for people
 */
public record BatchStop(Reason reason, boolean isSuccess, String message) {
    /** The reasons that there are. */
    static final Set<Reason> REASONS = Set.copyOf(EnumSet.of(
            Reason.TooManyFailed, Reason.Cancelled, Reason.Expired, Reason.InvalidSpec, Reason.AlreadyCompleted));

    private static final int SHOWN_WHY = 160;

    /** The spec is in error, so nothing is sent at all. */
    public static BatchStop invalidSpec(String problem) {
        return new BatchStop(Reason.InvalidSpec, false, problem);
    }

    /** More items have failed than {@code maxFailed}. */
    public static BatchStop tooManyFailed(int maxFailed) {
        return new BatchStop(
                Reason.TooManyFailed, false, "More than " + maxFailed + " items failed, so no further one is sent.");
    }

    /**
     * Somebody wrote the annotation.
     *
     * @param why its value
     */
    public static BatchStop cancelled(String why) {
        String shown = MessageText.cut(PlainLine.of(why), SHOWN_WHY);
        return new BatchStop(Reason.Cancelled, false, shown.isEmpty() ? "Cancelled." : "Cancelled: " + shown);
    }

    /** The queue's limit for unfinished batches, or the batch's own expiry, has passed. */
    public static BatchStop expired(String message) {
        return new BatchStop(Reason.Expired, false, message);
    }

    /** It had ended before it was restored without its status. */
    public static BatchStop alreadyCompleted(boolean isSuccess, String message) {
        return new BatchStop(Reason.AlreadyCompleted, isSuccess, message);
    }

    /** Whether the batch has ended whatever has become of its items: none was sent. */
    boolean endsAll() {
        return reason == Reason.InvalidSpec || reason == Reason.AlreadyCompleted;
    }
}
