package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Obstacle;

/** The result of resolving a Service. */
public sealed interface TargetResolution {
    /** The Service can be called right now. */
    record Found(Target target) implements TargetResolution {}

    /** The Service cannot be called until something changes. */
    record Missing(Obstacle obstacle) implements TargetResolution {}
}
