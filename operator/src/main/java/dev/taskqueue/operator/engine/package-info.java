/**
 * Queues at work: which delivery leaves when. Deliveries come in by {@link dev.taskqueue.operator.engine.Engine}. A
 * {@link dev.taskqueue.operator.engine.Lane} is one queue; its {@link dev.taskqueue.operator.engine.LaneScheduler} decides, and an
 * {@link dev.taskqueue.operator.engine.AttemptRunner} performs the decisions. Everything that touches the outside world is behind a port:
 * {@link dev.taskqueue.operator.engine.Dispatcher}, {@link dev.taskqueue.operator.engine.Journal}, {@link dev.taskqueue.operator.engine.Alarm},
 * {@link dev.taskqueue.operator.engine.Fence}, {@link dev.taskqueue.operator.engine.Listener}. May import {@code domain} and {@code limits}. The
 * reflector, the reconciler, the alarm and the attempts' own threads call it. A lane's lock is never held across a port that may block.
 */
@NullMarked
package dev.taskqueue.operator.engine;

import org.jspecify.annotations.NullMarked;
