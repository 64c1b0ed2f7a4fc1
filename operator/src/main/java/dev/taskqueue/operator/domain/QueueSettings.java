package dev.taskqueue.operator.domain;

import java.time.Duration;

/**
 * What a TaskQueue allows, parsed.
 *
 * @param paused nothing is dispatched; attempts in flight finish
 * @param maxConcurrent requests in flight at most, 1 to 5000
 * @param adaptive whether overload answers slow the whole queue down
 * @param unfinished a Task that has not ended this long after its creation fails as expired
 */
public record QueueSettings(
        boolean paused, RateLimit rate, int maxConcurrent, RetryPolicy retry, boolean adaptive, Duration unfinished) {}
