/**
 * HTTP out: one request in, one {@link dev.taskqueue.operator.domain.Outcome} back. {@link dev.taskqueue.operator.dispatch.HttpDispatcher} sends an
 * {@link dev.taskqueue.operator.dispatch.OutboundRequest} to the one address it names, at most once, whatever the worker does; {@link
 * dev.taskqueue.operator.dispatch.DeliveryHeaders} says which headers a handler sees. OkHttp is known here and nowhere else. May import {@code
 * engine} ports and {@code domain}. Called on the virtual thread of an attempt, which blocks until the outcome is known.
 */
@NullMarked
package dev.taskqueue.operator.dispatch;

import org.jspecify.annotations.NullMarked;
