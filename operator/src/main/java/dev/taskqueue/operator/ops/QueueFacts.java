package dev.taskqueue.operator.ops;

/**
 * What is known of a queue besides the numbers of the engine.
 *
 * @param ratePerSecond the rate of its spec
 * @param maxConcurrent the concurrency of its spec
 * @param state as in its {@code status.state}
 * @param failedRetained Failed Tasks and TaskBatches that still exist
 */
public record QueueFacts(double ratePerSecond, int maxConcurrent, String state, int failedRetained) {}
