package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.WrittenStatus;

/**
 * Something that happened to a Task. Each message carries the round or the version that its sender knew, so that {@link TaskTransitions} can drop it
 * if something newer is known.
 */
public sealed interface TaskMessage {
    /** Which process was the leader when the object was written. */
    enum Era {
        /** Another process: the object is newer than what this process knows. */
        FORMER,
        /** This process: what it knows of its own actions is newer than the object. */
        OWN
    }

    /** The watch or a list has shown the object. */
    record Seen(TaskObject object, Era era) implements TaskMessage {}

    /** At a take-over the API server has shown an attempt that the former leader claimed. */
    record Adopted(TaskObject object) implements TaskMessage {}

    /**
     * The object was read from the API server.
     *
     * @param knew the version that was known before the read
     */
    record Read(long knew, TaskObject object) implements TaskMessage {}

    /** The write of an outcome begins. */
    record OutcomeWriteBegins(int round, Journal.Entry entry) implements TaskMessage {}

    /**
     * An outcome was written.
     *
     * @param writtenStatus what status says with it
     */
    record OutcomeWritten(int round, long version, Journal.Entry entry, WrittenStatus writtenStatus)
            implements TaskMessage {}

    /** This process took an attempt for interrupted, and the object shows that the process which had sent it has written its outcome. */
    record OutcomeOvertaken(TaskObject object) implements TaskMessage {}

    /** A waiting state was written into status. */
    record StatusWritten(int round, long version, WrittenStatus writtenStatus) implements TaskMessage {}

    /** This process wrote to the metadata of the object. */
    record MetadataWritten(int round, long version) implements TaskMessage {}

    /** The Task was deleted instead of writing its end, because its queue does not retain it. */
    record DeletedInPlaceOfEnd(int round) implements TaskMessage {}

    /** A purge has deleted the Task. The watch has not shown it yet. */
    record Purged(int round) implements TaskMessage {}

    /** Its queue requests a redrive with this value of its annotation. */
    record RedriveRequested(String value) implements TaskMessage {}

    /** A redrive was written, or there was nothing to redrive. */
    record RedriveDone(int round, RedriveRequest request) implements TaskMessage {}

    /** A redrive could not be written because this process may not write now. */
    record RedriveDeferred(int round) implements TaskMessage {}

    /** This process may write: it became leader, or is leader again. */
    record LeadershipResumed() implements TaskMessage {}

    /** The object was deleted. */
    record Deleted() implements TaskMessage {}
}
