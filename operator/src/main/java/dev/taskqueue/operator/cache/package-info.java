/**
 * What this process knows of Tasks and TaskQueues. {@link dev.taskqueue.operator.cache.TaskCache} holds one
 * {@link dev.taskqueue.operator.cache.TaskRecord} for each Task object. A message to a record is applied by the pure function
 * {@link dev.taskqueue.operator.cache.TaskTransitions}. No request is made here. The reflectors and the attempts call it on their own threads. It
 * may import {@code task}, {@code engine}, {@code api} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.cache;

import org.jspecify.annotations.NullMarked;
