package dev.taskqueue.operator.target;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The little of an EndpointSlice that resolving needs.
 *
 * @param ready addresses of what is ready
 * @param ports numbers of its TCP ports by the Service port's name, which may be empty
 */
record KnownSlice(List<InetAddress> ready, Map<String, Integer> ports) {

    static KnownSlice of(EndpointSlice slice) {
        if ("FQDN".equals(slice.getAddressType())) {
            // Names that a user controls lead anywhere, so they count as nothing.
            return new KnownSlice(List.of(), Map.of());
        }
        // Of a Service without Pods the endpointslice-controller's slice says null for both lists.
        List<InetAddress> ready = Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of()).stream()
                .filter(KnownSlice::isReady)
                .flatMap(endpoint -> endpoint.getAddresses().stream())
                .flatMap(address -> Literals.parse(address).stream())
                .toList();
        var ports = new HashMap<String, Integer>();
        for (EndpointPort port : Objects.requireNonNullElse(slice.getPorts(), List.<EndpointPort>of())) {
            if (port.getPort() != null && KnownService.isTcp(port.getProtocol())) {
                ports.put(Objects.requireNonNullElse(port.getName(), ""), port.getPort());
            }
        }
        return new KnownSlice(ready, Map.copyOf(ports));
    }

    /** The API defines an unknown readiness as ready. */
    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }
}
