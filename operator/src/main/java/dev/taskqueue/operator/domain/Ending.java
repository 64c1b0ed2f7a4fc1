package dev.taskqueue.operator.domain;

/**
 * How a Task ended.
 *
 * @param reason the reason of its conditions
 * @param isSuccess whether it counts as delivered
 * @param message a sentence for people
 */
public record Ending(Reason reason, boolean isSuccess, String message) {

    /** The closed list of reasons of condition {@code Succeeded} in a finished Task; the names are the API's own. */
    public enum Reason {
        Delivered(true),
        RetriesExhausted(false),
        NonRetryable(false),
        Expired(false),
        InvalidSpec(false),
        /** It had ended, with or without success, before it was restored without its status. */
        AlreadyCompleted(true);

        private final boolean success;

        Reason(boolean success) {
            this.success = success;
        }
    }

    /** An ending whose reason says whether it is a success. */
    public Ending(Reason reason, String message) {
        this(reason, reason.success, message);
    }
}
