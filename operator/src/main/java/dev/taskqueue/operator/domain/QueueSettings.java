package dev.taskqueue.operator.domain;

import java.time.Duration;

/**
 * The settings of a TaskQueue that the engine follows, parsed.
 *
 * @param paused whether nothing is dispatched; attempts in flight finish
 * @param maxConcurrent the maximum number of requests in flight, 1 to 5000
 * @param adaptive whether overload answers slow the whole queue down
 * @param unfinished how long after its creation an unfinished Task fails as expired
 */
public record QueueSettings(
        boolean paused, RateLimit rate, int maxConcurrent, RetryPolicy retry, boolean adaptive, Duration unfinished) {}
