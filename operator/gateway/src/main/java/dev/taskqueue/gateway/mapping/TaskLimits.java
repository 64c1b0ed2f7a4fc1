package dev.taskqueue.gateway.mapping;

import java.time.Duration;

/** The operator's bounds for Tasks. */
public record TaskLimits(Duration maxScheduleAhead, Duration maxDispatchDeadline) {}
