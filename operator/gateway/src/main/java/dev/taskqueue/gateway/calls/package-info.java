/**
 * The methods of Cloud Tasks, each as requests to the API server as the caller. {@link RpcTable} lists them; gRPC and REST both call what it
 * lists.
 */
@NullMarked
package dev.taskqueue.gateway.calls;

import org.jspecify.annotations.NullMarked;
