/**
 * The way out: what is written into the status of a Task, and dead letters. {@link dev.taskqueue.operator.status.StatusJournal} writes outcomes on
 * the threads of the attempts. {@link dev.taskqueue.operator.status.WaitingStatusWriter} writes where a Task waits, on a thread of its own.
 * {@link dev.taskqueue.operator.status.Redriver} starts failed Tasks again. It may import {@code retention}, {@code write}, {@code cache},
 * {@code kube}, {@code task}, {@code engine}, {@code api} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.status;

import org.jspecify.annotations.NullMarked;
