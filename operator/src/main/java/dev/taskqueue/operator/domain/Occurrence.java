package dev.taskqueue.operator.domain;

/**
 * Something about an object that a person should know. An Event of Kubernetes is made from it.
 *
 * @param queue the queue that the object belongs to; how many Events there may be is counted for each queue
 * @param isWarning whether somebody has to act
 * @param reason one word, as the conditions have it
 * @param action what the operator did then, one word
 * @param note sentences for people, without anything that a request or an answer contains
 */
public record Occurrence(Subject subject, QueueId queue, boolean isWarning, String reason, String action, String note) {

    /** The object that it is about. */
    public record Subject(Kind kind, String namespace, String name, String uid) {}

    /** The kinds of objects that it may be about; the names are the API's own. */
    public enum Kind {
        Task,
        TaskBatch,
        TaskQueue
    }
}
