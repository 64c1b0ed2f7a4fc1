package dev.taskqueue.operator.api;

/** Who wins if a Task and its queue name the same part of the request. */
public enum TargetMode {
    IfNotPresent,
    Always
}
