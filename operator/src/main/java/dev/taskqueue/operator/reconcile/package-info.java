/**
 * Reconciles TaskQueues: their specs go to the engine and to {@link dev.taskqueue.operator.cache.QueueProfiles}, their state goes into their status.
 * May import {@code api}, {@code domain}, {@code engine}, {@code task} and {@code cache}. Java Operator SDK calls it on its own threads, one queue at
 * a time.
 */
@NullMarked
package dev.taskqueue.operator.reconcile;

import org.jspecify.annotations.NullMarked;
