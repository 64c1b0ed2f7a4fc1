/**
 * The API server: requests as the caller or as the gateway itself, what its answers mean, and the queues that are watched. {@link ClusterTransport} is
 * the only door to the network; tests put a cluster in memory there.
 */
@NullMarked
package dev.taskqueue.gateway.cluster;

import org.jspecify.annotations.NullMarked;
