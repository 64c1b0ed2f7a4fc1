/**
 * Sends HTTP requests: each has one {@link dev.taskqueue.operator.domain.Outcome}. {@link dev.taskqueue.operator.dispatch.HttpDispatcher} sends an
 * {@link dev.taskqueue.operator.dispatch.OutboundRequest} to its one address, at most once, whatever the worker does; {@link
 * dev.taskqueue.operator.dispatch.DeliveryHeaders} makes the headers that a handler sees. Only this package and {@code kube} use OkHttp. May import
 * {@code engine} ports and {@code domain}. Called on the virtual thread of an attempt, which blocks until the outcome is known.
 */
@NullMarked
package dev.taskqueue.operator.dispatch;

import org.jspecify.annotations.NullMarked;
