/**
 * The API server: Tasks come in by {@link dev.taskqueue.operator.kube.TaskReflector}, what came of them goes out by
 * {@link dev.taskqueue.operator.kube.StatusJournal}, and {@link dev.taskqueue.operator.kube.TaskDispatcher} gathers what a request needs:
 * the Task's spec, its target, its token, and what lies in Secrets and ConfigMaps; {@link dev.taskqueue.operator.kube.DeadLetters} creates a
 * Task of what fails for good. May import {@code api}, {@code domain}, the engine, {@code dispatch} and {@code target}. The reflector has a
 * thread of its own; the journal and the dispatcher run on the attempts' threads.
 */
@NullMarked
package dev.taskqueue.operator.kube;

import org.jspecify.annotations.NullMarked;
