/**
 * Where a request goes and as whom: {@link dev.taskqueue.operator.target.Targets} resolves a Service to an address that may be called, and
 * {@link dev.taskqueue.operator.target.Tokens} gets the token for it. May import {@code domain} and the Kubernetes client. The watches of
 * Services and EndpointSlices call it on the client's threads, {@code kube} on the attempts'.
 */
@NullMarked
package dev.taskqueue.operator.target;

import org.jspecify.annotations.NullMarked;
