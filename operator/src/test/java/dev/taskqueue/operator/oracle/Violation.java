package dev.taskqueue.operator.oracle;

import java.time.Instant;

/**
 * A rule of the contract that a run has broken.
 *
 * @param rule names the rule, such as {@code DispatchedAfterEnd}; the same for each violation of it
 * @param subject the Task or TaskQueue, {@code namespace/name}; empty if it concerns none
 * @param text what was seen, and what the contract says instead
 */
public record Violation(Instant at, String rule, String subject, String text) {}
