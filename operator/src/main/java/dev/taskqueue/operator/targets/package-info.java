/**
 * Where a request goes and as whom: {@link dev.taskqueue.operator.targets.TargetResolver} resolves a Service to an address that may be called, and
 * {@link dev.taskqueue.operator.targets.TokenRequester} gets the token for it. May import {@code domain} and the Kubernetes client. The watches of
 * Services and EndpointSlices call it on the client's threads, {@code kube} on the attempts'.
 */
@NullMarked
package dev.taskqueue.operator.targets;

import org.jspecify.annotations.NullMarked;
