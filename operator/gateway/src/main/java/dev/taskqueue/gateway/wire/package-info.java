/**
 * gRPC and REST on one port. Both read a request, hand it to {@link CallRunner} and write what comes back; neither knows what a method does. Only
 * {@link WireServer} knows Jetty.
 */
@NullMarked
package dev.taskqueue.gateway.wire;

import org.jspecify.annotations.NullMarked;
