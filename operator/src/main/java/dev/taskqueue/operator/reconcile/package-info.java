/**
 * TaskQueues: what they ask for goes to the engine and to {@link dev.taskqueue.operator.cache.QueueProfiles}, what they are goes into their status.
 * May import {@code api}, {@code domain}, the engine and {@code kube}. Java Operator SDK calls it on its own threads, one queue at a time.
 */
@NullMarked
package dev.taskqueue.operator.reconcile;

import org.jspecify.annotations.NullMarked;
