package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** What a Task asks for; it never changes. */
@Part
public record TaskSpec(
        @Nullable QueueRef queueRef,
        @Nullable String scheduleTime,
        @Nullable String delay,
        @Nullable String expireTime,
        @Nullable String dispatchDeadline,
        @Nullable String ttlAfterFinished,
        @Nullable HttpRequest httpRequest,
        @Nullable DeadLetterOf deadLetterOf) {}
