/**
 * Prepares requests: {@link dev.taskqueue.operator.prepare.TaskDispatcher} and {@link dev.taskqueue.operator.prepare.ItemDispatcher} gather the spec, the
 * target, the token, Secrets and ConfigMaps on the thread of the attempt. {@link dev.taskqueue.operator.prepare.PreparedDelivery} then passes the request
 * to {@code dispatch}. This package may import {@code dispatch}, {@code targets}, {@code status}, {@code write}, {@code cache}, {@code kube}, {@code task}, {@code engine}, {@code api} and
 * {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.prepare;

import org.jspecify.annotations.NullMarked;
