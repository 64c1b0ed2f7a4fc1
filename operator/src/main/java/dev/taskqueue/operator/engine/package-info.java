/**
 * Queues at work: which delivery leaves when. {@link dev.taskqueue.operator.engine.Engine} is the one entrance, a
 * {@link dev.taskqueue.operator.engine.Lane} is one queue, and whatever touches the outside world stands behind a port:
 * {@link dev.taskqueue.operator.engine.Dispatcher}, {@link dev.taskqueue.operator.engine.Journal},
 * {@link dev.taskqueue.operator.engine.Alarm}, {@link dev.taskqueue.operator.engine.Fence},
 * {@link dev.taskqueue.operator.engine.Listener}. May import {@code domain} alone. The reflector, the reconciler, the alarm and the attempts'
 * own threads call it; a lane's lock is never held across a port that may block.
 */
@NullMarked
package dev.taskqueue.operator.engine;

import org.jspecify.annotations.NullMarked;
