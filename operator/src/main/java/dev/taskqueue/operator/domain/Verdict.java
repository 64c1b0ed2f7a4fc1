package dev.taskqueue.operator.domain;

import java.time.Duration;

/** What follows from an attempt. */
public sealed interface Verdict {

    /** The Task has ended. */
    record Finish(Ending ending) implements Verdict {}

    /** Another attempt is due {@code delay} after the end of this one. */
    record RetryAfter(Duration delay) implements Verdict {}
}
