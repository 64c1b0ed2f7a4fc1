package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.engine.Journal;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A thread that writes an outcome, with its state between two of its steps.
 *
 * @param handle its delivery in the engine
 * @param knew the state of the Task when the thread last asked for it
 * @param read the object as it was last read, or written
 * @param wrote whether the outcome is stored
 */
record ModelledOutcomeWriter(
        int handle,
        Journal.Entry entry,
        At at,
        @Nullable RecordState knew,
        @Nullable ModelledTask read,
        boolean wrote) {

    /** The next step of the thread. */
    enum At {
        CONCLUDE,
        PATCH,
        ANSWER,
        READ,
        COMPARE,
        LAND,
        OVER
    }

    static ModelledOutcomeWriter of(int handle, Journal.Entry entry) {
        return new ModelledOutcomeWriter(handle, entry, At.CONCLUDE, null, null, false);
    }

    int round() {
        return entry.history().round();
    }

    int attempt() {
        return entry.history().dispatches();
    }

    /** The state in status after the outcome is stored. */
    String state() {
        return switch (entry) {
            case Journal.Entry.BackingOff _ -> "BackingOff";
            case Journal.Entry.Finished finished -> finished.ending().isSuccess() ? "Succeeded" : "Failed";
        };
    }

    boolean isIn(ModelledTask task) {
        return task.round() == round() && task.state().equals(state()) && task.attempts() == attempt();
    }

    RecordState knownState() {
        return Objects.requireNonNull(knew);
    }

    ModelledTask inHand() {
        return Objects.requireNonNull(read);
    }

    /** The key of this writer. It omits the entry, which follows from the delivery. */
    Object key() {
        return Arrays.asList(handle, at, knew, read, wrote);
    }

    ModelledOutcomeWriter to(At next) {
        return new ModelledOutcomeWriter(handle, entry, next, knew, read, wrote);
    }

    ModelledOutcomeWriter knowing(RecordState state) {
        return new ModelledOutcomeWriter(handle, entry, At.PATCH, state, read, wrote);
    }

    ModelledOutcomeWriter having(RecordState known, ModelledTask stored, At next) {
        return new ModelledOutcomeWriter(handle, entry, next, known, stored, wrote);
    }

    ModelledOutcomeWriter written() {
        return new ModelledOutcomeWriter(handle, entry, At.LAND, knew, read, true);
    }
}
