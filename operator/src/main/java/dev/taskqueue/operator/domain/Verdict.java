package dev.taskqueue.operator.domain;

import java.time.Duration;

/** The decision after an attempt: whether there is another one. */
public sealed interface Verdict {

    /** No: the Task has ended. */
    record Finish(Ending ending) implements Verdict {}

    /** Yes: it is due {@code delay} after the end of this one. */
    record RetryAfter(Duration delay) implements Verdict {}
}
