package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.targets.ServiceSnapshot.Exposure;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the addresses of the API server that can be found without further rights: the one that this process calls, the one in the environment of
 * every Pod, and, if the namespace {@code default} is watched, all addresses and endpoints of {@code default/kubernetes}.
 */
final class ApiServerAddresses implements AddressPolicy.ApiServerMatcher {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServerAddresses.class);
    private static final int HTTPS = 443;
    private static final ServiceCatalog.Key SERVICE = new ServiceCatalog.Key("default", "kubernetes");

    private final ServiceCatalog catalog;
    private final List<Listener> listeners;

    /** A port at which the API server answers. The machine may run other servers at other ports, as a cluster with one node does. */
    private record Listener(Set<InetAddress> addresses, int port) {
        boolean isAt(InetAddress address, int dialled) {
            return dialled == port && addresses.contains(address);
        }
    }

    private ApiServerAddresses(ServiceCatalog catalog, List<Listener> listeners) {
        this.catalog = catalog;
        this.listeners = listeners;
    }

    /**
     * Looks up two names, and blocks meanwhile.
     *
     * @param url the URL at which this process calls the API server
     * @param serviceHost the address of the API server's Service in a Pod's environment; null outside a Pod
     * @param servicePort its port there
     */
    static ApiServerAddresses lookUp(
            ServiceCatalog catalog, URI url, @Nullable String serviceHost, @Nullable String servicePort) {
        int called = url.getPort() >= 0 ? url.getPort() : "http".equals(url.getScheme()) ? 80 : HTTPS;
        int named = servicePort != null && servicePort.matches("[0-9]{1,5}") ? Integer.parseInt(servicePort) : HTTPS;
        return new ApiServerAddresses(
                catalog,
                List.of(new Listener(addresses(serviceHost), named), new Listener(addresses(url.getHost()), called)));
    }

    @Override
    public boolean isAt(InetAddress address, int port) {
        return listeners.stream().anyMatch(listener -> listener.isAt(address, port))
                || isClusterAddress(address)
                || isEndpoint(address, port);
    }

    /** Only the API server has this address, so the port does not matter. */
    private boolean isClusterAddress(InetAddress address) {
        ServiceSnapshot service = catalog.service(SERVICE);
        return service != null
                && service.exposure() instanceof Exposure.ClusterAddress cluster
                && cluster.contains(address);
    }

    /** The port counts, too, because the machine may run other servers at other ports. */
    private boolean isEndpoint(InetAddress address, int port) {
        return catalog.endpoints(SERVICE).slices().stream()
                .anyMatch(slice ->
                        slice.ports().containsValue(port) && slice.ready().contains(address));
    }

    private static Set<InetAddress> addresses(@Nullable String host) {
        if (host == null) {
            return Set.of();
        }
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .map(Cidr::normalised)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (UnknownHostException e) {
            LOG.warn("The API server's host {} has no address; what it stands for cannot be refused", host);
            return Set.of();
        }
    }
}
