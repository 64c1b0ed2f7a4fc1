package dev.taskqueue.operator.domain;

/** How a Task ended: the reason of its conditions and a sentence for people. */
public record Ending(Reason reason, String message) {

    /** The closed list of reasons of condition {@code Succeeded} in a finished Task; the names are the API's own. */
    public enum Reason {
        Delivered(true),
        RetriesExhausted(false),
        NonRetryable(false),
        Expired(false),
        InvalidSpec(false);

        private final boolean success;

        Reason(boolean success) {
            this.success = success;
        }
    }

    public boolean isSuccess() {
        return reason.success;
    }
}
