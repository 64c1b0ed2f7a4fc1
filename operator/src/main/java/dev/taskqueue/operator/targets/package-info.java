/**
 * Finds the target and the token of a request: {@link dev.taskqueue.operator.targets.TargetResolver} resolves a Service to an address that may be
 * called, and {@link dev.taskqueue.operator.targets.TokenRequester} gets the token. May import {@code domain}, {@code limits} and the Kubernetes
 * client. The watches of Services and EndpointSlices call it on the client's threads, {@code prepare} on those of the attempts.
 */
@NullMarked
package dev.taskqueue.operator.targets;

import org.jspecify.annotations.NullMarked;
