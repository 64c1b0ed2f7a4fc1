/**
 * What a request needs before it can be sent: the spec, the target, the token, Secrets and ConfigMaps.
 * {@link dev.taskqueue.operator.prepare.TaskDispatcher} gathers them on the thread of the attempt, and hands the request to {@code dispatch}. It may
 * import {@code dispatch}, {@code targets}, {@code status}, {@code write}, {@code cache}, {@code kube}, {@code task}, {@code engine}, {@code api} and
 * {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.prepare;

import org.jspecify.annotations.NullMarked;
