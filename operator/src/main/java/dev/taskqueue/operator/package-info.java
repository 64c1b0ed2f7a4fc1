/**
 * The wiring. {@link dev.taskqueue.operator.Main} reads the settings, and {@link dev.taskqueue.operator.TaskQueueOperator} builds all parts by hand
 * and starts them in order: first {@link dev.taskqueue.operator.TaskPorts}, then the engine, then {@link dev.taskqueue.operator.TaskFeed}. It may
 * import every package.
 */
@NullMarked
package dev.taskqueue.operator;

import org.jspecify.annotations.NullMarked;
