package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.WrittenStatus;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a Task. Each message carries what its sender knew, the round or the version, so that {@link TaskTransitions} can
 * drop it where more is known by now.
 */
public sealed interface TaskMessage {
    /** Who led when an object was written as it is. */
    enum Era {
        /** Another process: the object knows more than this one. */
        FORMER,
        /** This process: of what it does itself, it knows more than the object. */
        OWN
    }

    /** The watch or a list shows the object. */
    record Seen(TaskObject object, Era era) implements TaskMessage {}

    /** At a take-over the API server shows an attempt that the former leader has claimed. */
    record Adopted(TaskObject object) implements TaskMessage {}

    /**
     * The API server was asked for the object itself.
     *
     * @param knew the version that was known when it was asked
     */
    record Read(long knew, TaskObject object) implements TaskMessage {}

    /** An outcome is about to be written. */
    record OutcomeWriteBegins(int round, Journal.Entry entry) implements TaskMessage {}

    /**
     * An outcome is written.
     *
     * @param writtenStatus what status says with it
     */
    record OutcomeWritten(int round, long version, Journal.Entry entry, WrittenStatus writtenStatus)
            implements TaskMessage {}

    /** Where the Task stands is written. */
    record StatusWritten(int round, long version, WrittenStatus writtenStatus) implements TaskMessage {}

    /** A write of this process to the object, past its status, is acknowledged. */
    record MetadataWritten(int round, long version) implements TaskMessage {}

    /** A Task that its queue does not keep was deleted in place of writing its end. */
    record DeletedInPlaceOfEnd(int round) implements TaskMessage {}

    /** Its queue asks for another start. */
    record RedriveRequested() implements TaskMessage {}

    /** Another start was written, or there was nothing to start. */
    record RedriveDone(int round, @Nullable String value) implements TaskMessage {}

    /** Another start could not be written, as this process may not write. */
    record RedriveDeferred(int round) implements TaskMessage {}

    /** This process may write, first or again. */
    record LeadershipResumed() implements TaskMessage {}

    /** The object is gone. */
    record Deleted() implements TaskMessage {}
}
