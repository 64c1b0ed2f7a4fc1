/**
 * What this process knows of Tasks and TaskQueues. {@link dev.taskqueue.operator.cache.TaskCache} holds one
 * {@link dev.taskqueue.operator.cache.TaskRecord} for each Task object. The pure function {@link dev.taskqueue.operator.cache.TaskTransitions} applies a message to a record. This package makes no request. The reflectors
 * and the attempts call it on their own threads. It
 * may import {@code task}, {@code engine}, {@code api} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.cache;

import org.jspecify.annotations.NullMarked;
