package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.TaskState;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the status of a Task says so far.
 *
 * @param name the short name that {@link #name(TaskState, String, boolean, String)} makes; empty before the first write
 * @param accepted whether condition Accepted is True
 * @param acceptedAt when condition Accepted last changed its status
 * @param openedAt when condition Succeeded became Unknown; null before the first write
 * @param hasRequest whether {@code status.request} is set
 * @param handled the annotation values that were handled; the next write of an outcome adds those that status lacks
 * @param claimedBy the process that has claimed the attempt in flight; null if there is no claim
 */
public record WrittenStatus(
        String name,
        boolean accepted,
        @Nullable Instant acceptedAt,
        @Nullable Instant openedAt,
        boolean hasRequest,
        HandledAnnotations handled,
        @Nullable String claimedBy) {
    private static final Set<String> TURN_REASONS = Set.of(Reason.QueuePaused.name(), Reason.QueueHeld.name());

    public static final WrittenStatus NOTHING = new WrittenStatus("", false, null, null);

    public WrittenStatus {
        if (openedAt != null && openedAt.equals(acceptedAt)) {
            // For most Tasks both times are equal. Sharing one object saves memory for each Task.
            openedAt = acceptedAt;
        }
    }

    /** A status without handled annotations, without a request and without a claim. */
    public WrittenStatus(String name, boolean accepted, @Nullable Instant acceptedAt, @Nullable Instant openedAt) {
        this(name, accepted, acceptedAt, openedAt, false, HandledAnnotations.NOTHING);
    }

    /** A status without a claim. */
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
     * The short name of what the conditions say; status is written again when it changes. Many Tasks share one string: {@code status.state}, the
     * reason of condition Succeeded, and for a Task that is not accepted a hash of the message. All reasons for which a due Task waits for its turn
     * have one name: a pause of the queue is no reason to write to each of its Tasks again.
     */
    static String name(TaskState state, String reason, boolean accepted, String message) {
        String name = state + "/" + (TURN_REASONS.contains(reason) ? state.name() : reason);
        return (accepted ? name : name + "/" + Integer.toHexString(message.hashCode())).intern();
    }
}
