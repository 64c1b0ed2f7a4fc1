/**
 * Writes the status of Tasks, and creates dead letters. {@link dev.taskqueue.operator.status.StatusJournal} writes outcomes on
 * the threads of the attempts. {@link dev.taskqueue.operator.status.WaitingStatusWriter} writes waiting states, on its own thread.
 * {@link dev.taskqueue.operator.status.Redriver} redrives Failed Tasks. It may import {@code retention}, {@code write}, {@code cache},
 * {@code kube}, {@code task}, {@code engine}, {@code api} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.status;

import org.jspecify.annotations.NullMarked;
