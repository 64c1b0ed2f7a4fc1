package dev.taskqueue.operator.lease;

import java.time.Duration;

/**
 * Which Lease a process takes part in, and its times.
 *
 * @param holder names this process; unique to it
 * @param duration how long the others wait after the last renewal of a leader that is gone
 * @param period the time between two renewals. A request to the Lease takes no longer than this, or a second
 */
public record LeaseTerms(String namespace, String name, String holder, Duration duration, Duration period) {}
