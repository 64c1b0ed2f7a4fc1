package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Obstacle;

/** What looking for a Service came to. */
public sealed interface TargetResolution {
    /** It can be called right now. */
    record Found(Target target) implements TargetResolution {}

    /** Something must change first. */
    record Missing(Obstacle obstacle) implements TargetResolution {}
}
