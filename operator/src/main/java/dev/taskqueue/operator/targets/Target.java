package dev.taskqueue.operator.targets;

import java.net.InetAddress;

/**
 * The destination of a request.
 *
 * @param https whether to speak TLS
 * @param address what to dial; already checked, so it must be dialled as it is and never looked up again
 * @param port what to dial
 * @param host {@code SERVICE.NAMESPACE.svc}: the value of {@code Host} and the name to verify the certificate against
 * @param endpointsVersion another one after an endpoint of the Service has stopped being ready: connections that were opened before may lead there
 */
public record Target(boolean https, InetAddress address, int port, String host, long endpointsVersion) {}
