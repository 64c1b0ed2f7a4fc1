/**
 * A world of its own for whole operators: virtual time, threads whose order a seed decides, a simulated API server behind a network that fails, workers,
 * people, and processes that crash. Everything in one run happens on one thread, and follows from its {@link Plan} alone.
 */
@NullMarked
package dev.taskqueue.operator.simulation.world;

import org.jspecify.annotations.NullMarked;
