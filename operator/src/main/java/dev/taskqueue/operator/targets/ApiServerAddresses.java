package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.targets.ServiceSnapshot.Exposure;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
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
    private static final ServiceCatalog.Key SERVICE = new ServiceCatalog.Key("default", "kubernetes");

    private final ServiceCatalog catalog;
    /** Addresses that only the API server has. */
    private final Set<InetAddress> own;
    /** Addresses of a machine that the API server may share with other servers. */
    private final Set<InetAddress> called;

    private final int calledPort;

    private ApiServerAddresses(ServiceCatalog catalog, Set<InetAddress> own, Set<InetAddress> called, int calledPort) {
        this.catalog = catalog;
        this.own = own;
        this.called = called;
        this.calledPort = calledPort;
    }

    /**
     * Looks up two names, and blocks meanwhile.
     *
     * @param url the URL at which this process calls the API server
     * @param serviceHost the address of the Service in a Pod's environment; null outside a Pod
     */
    static ApiServerAddresses lookUp(ServiceCatalog catalog, URI url, @Nullable String serviceHost) {
        int port = url.getPort() >= 0 ? url.getPort() : "http".equals(url.getScheme()) ? 80 : 443;
        return new ApiServerAddresses(catalog, addresses(serviceHost), addresses(url.getHost()), port);
    }

    @Override
    public boolean isAt(InetAddress address, int port) {
        return own.contains(address)
                || (port == calledPort && called.contains(address))
                || isClusterAddress(address)
                || isEndpoint(address, port);
    }

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
