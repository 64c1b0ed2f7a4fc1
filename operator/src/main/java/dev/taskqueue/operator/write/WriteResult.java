package dev.taskqueue.operator.write;

import java.time.Duration;

/** What became of a write. */
public sealed interface WriteResult {
    WriteResult WRITTEN = new Written();
    WriteResult NOT_NEEDED = new NotNeeded();
    WriteResult FENCED = new Fenced();

    record Written() implements WriteResult {}

    /** The Task is gone, or has become another one's business: nobody waits for this write. */
    record NotNeeded() implements WriteResult {}

    /** This process may not write. */
    record Fenced() implements WriteResult {}

    /**
     * The API server refuses it.
     *
     * @param why ends a sentence for people, and quotes no values
     * @param lasting whether it is certain that this does not pass: no 403, or one that has lasted
     */
    record Refused(String why, boolean lasting) implements WriteResult {}

    /** Others changed the Task first; what it is now has been read. Only {@link TaskWriter#tryOnce} says so. */
    record Conflict() implements WriteResult {}

    /** It did not succeed this time. Only {@link TaskWriter#tryOnce} says so. */
    record RetryLater(String why, Duration atLeast) implements WriteResult {}
}
