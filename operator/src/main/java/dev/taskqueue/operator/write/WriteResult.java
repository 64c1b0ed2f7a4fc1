package dev.taskqueue.operator.write;

import java.time.Duration;

/** The result of a write. */
public sealed interface WriteResult {
    WriteResult WRITTEN = new Written();
    WriteResult NOT_NEEDED = new NotNeeded();
    WriteResult FENCED = new Fenced();

    record Written() implements WriteResult {}

    /** The write is no longer needed: the Task was deleted, or another process or another round is in charge of it. */
    record NotNeeded() implements WriteResult {}

    /** This process may not write now. */
    record Fenced() implements WriteResult {}

    /**
     * The API server refuses it.
     *
     * @param why ends a sentence for people; it quotes no values
     * @param lasting whether this does not pass: the answer was no 403, or the 403 has lasted
     */
    record Refused(String why, boolean lasting) implements WriteResult {}

    /** Others changed the Task first, and it was read again. Only {@link TaskWriter#tryOnce} returns this. */
    record Conflict() implements WriteResult {}

    /** The write failed this time. Only {@link TaskWriter#tryOnce} returns this. */
    record RetryLater(String why, Duration atLeast) implements WriteResult {}
}
