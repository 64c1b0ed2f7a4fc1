package dev.taskqueue.operator;

/** The operator cannot start, and somebody must change something first. The message is whole sentences that say what. */
final class NotStartedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotStartedException(String message) {
        super(message);
    }
}
