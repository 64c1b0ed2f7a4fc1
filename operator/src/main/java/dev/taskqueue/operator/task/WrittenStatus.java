package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.TaskState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What status says already.
 *
 * @param name as {@link #name} has it; empty before the first write
 * @param accepted whether condition Accepted is True
 * @param acceptedAt when condition Accepted last changed its status
 * @param openedAt when condition Succeeded became Unknown; null before the first write
 * @param hasRequest whether {@code status.request} is there
 * @param handled what the annotations asked for and was heeded; the next outcome says so where status does not yet
 * @param claimedBy which process has claimed the attempt in flight; null where there is no claim
 */
public record WrittenStatus(
        String name,
        boolean accepted,
        @Nullable Instant acceptedAt,
        @Nullable Instant openedAt,
        boolean hasRequest,
        HandledAnnotations handled,
        @Nullable String claimedBy) {
    public static final WrittenStatus NOTHING = new WrittenStatus("", false, null, null);

    public WrittenStatus {
        if (openedAt != null && openedAt.equals(acceptedAt)) {
            // For most Tasks the two are one: there are many of these.
            openedAt = acceptedAt;
        }
    }

    /** Of a Task whose annotations asked for nothing, of whose request nothing is told, and which nobody has claimed. */
    public WrittenStatus(String name, boolean accepted, @Nullable Instant acceptedAt, @Nullable Instant openedAt) {
        this(name, accepted, acceptedAt, openedAt, false, HandledAnnotations.NOTHING);
    }

    /** Which nobody has claimed. */
    public WrittenStatus(
            String name,
            boolean accepted,
            @Nullable Instant acceptedAt,
            @Nullable Instant openedAt,
            boolean hasRequest,
            HandledAnnotations handled) {
        this(name, accepted, acceptedAt, openedAt, hasRequest, handled, null);
    }

    public WrittenStatus with(HandledAnnotations other) {
        return new WrittenStatus(name, accepted, acceptedAt, openedAt, hasRequest, other, claimedBy);
    }

    public WrittenStatus claimedBy(@Nullable String holder) {
        return new WrittenStatus(name, accepted, acceptedAt, openedAt, hasRequest, handled, holder);
    }

    public boolean isClaimedBy(String holder) {
        return holder.equals(claimedBy);
    }

    /**
     * What is news when it changes, as one short text that many Tasks share: {@code status.state}, the reason of condition Succeeded,
     * and where something must change first, a mark of the sentence that says what.
     */
    static String name(TaskState state, String reason, boolean accepted, String message) {
        String name = state + "/" + reason;
        return (accepted ? name : name + "/" + Integer.toHexString(message.hashCode())).intern();
    }
}
