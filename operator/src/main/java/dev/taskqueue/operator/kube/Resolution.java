package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.Obstacle;

/** What looking for a Service came to. */
public sealed interface Resolution {
    /** It can be called right now. */
    record Found(Target target) implements Resolution {}

    /** Something must change first. */
    record Missing(Obstacle obstacle) implements Resolution {}
}
