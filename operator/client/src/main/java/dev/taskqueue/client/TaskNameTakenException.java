package dev.taskqueue.client;

/**
 * The name that belongs to a key is taken, and not by a Task with that key in that queue: nothing was created. Asking again does not help
 * until the other Task is gone; the message names it.
 */
public final class TaskNameTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TaskNameTakenException(String message, Throwable cause) {
        super(message, cause);
    }
}
