package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The part of an EndpointSlice that is needed to resolve a Service.
 *
 * @param ready addresses of the ready endpoints
 * @param ports numbers of its TCP ports by the Service port's name, which may be empty
 */
record EndpointSliceSnapshot(List<InetAddress> ready, Map<String, Integer> ports) {

    static EndpointSliceSnapshot of(EndpointSlice slice) {
        if ("FQDN".equals(slice.getAddressType())) {
            // FQDN endpoints are controlled by users and could point anywhere: ignore them.
            return new EndpointSliceSnapshot(List.of(), Map.of());
        }
        // For a Service without Pods, the endpointslice-controller writes null for both lists.
        List<InetAddress> ready = Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of()).stream()
                .filter(EndpointSliceSnapshot::isReady)
                .flatMap(endpoint -> endpoint.getAddresses().stream())
                .flatMap(address -> IpLiterals.parse(address).stream())
                .toList();
        var ports = new HashMap<String, Integer>();
        for (EndpointPort port : Objects.requireNonNullElse(slice.getPorts(), List.<EndpointPort>of())) {
            if (port.getPort() != null && ServiceSnapshot.isTcp(port.getProtocol())) {
                ports.put(Objects.requireNonNullElse(port.getName(), ""), port.getPort());
            }
        }
        return new EndpointSliceSnapshot(ready, Map.copyOf(ports));
    }

    /** The API defines an unknown readiness as ready. */
    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }
}
