package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.domain.Obstacle;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a Service to an address, from the watched Service and its EndpointSlices. No name is looked up, so control over a name gives no control
 * over the address.
 */
public final class TargetResolver implements AutoCloseable {
    private final ServiceCatalog catalog = new ServiceCatalog();
    private final ResolutionCache resolutions = new ResolutionCache();
    private final List<TargetInformer> informers = new ArrayList<>();
    private final Settings settings;
    private final URI apiServer;
    private final TargetRules rules;
    /** Null before the start. Nothing is resolved then. */
    private volatile @Nullable ApiServerAddresses apiServerAddresses;

    /**
     * The watched namespaces and the refused addresses.
     *
     * @param namespaces empty = all
     * @param allowed addresses that are allowed although a rule refuses them
     * @param kubernetesServiceHost the API server's address in a Pod's environment; null outside a Pod
     * @param kubernetesServicePort its port there
     */
    public record Settings(
            Set<String> namespaces,
            List<Cidr> allowed,
            @Nullable String kubernetesServiceHost,
            @Nullable String kubernetesServicePort) {}

    /** @param spread picks an endpoint of a headless Service; must be thread-safe */
    public TargetResolver(InformerFactory factory, Settings settings, RandomGenerator spread) {
        this.settings = settings;
        this.apiServer = factory.apiServer();
        this.rules = new TargetRules(
                new AddressPolicy(settings.allowed(), this::isApiServer), IpFamily.ofThisMachine(), spread);
        if (settings.namespaces().isEmpty()) {
            watch(factory, "");
        }
        settings.namespaces().forEach(namespace -> watch(factory, namespace));
    }

    /**
     * Starts watching. The result completes once {@link #hasSynced}. While the API server refuses or is away, lists and watches are repeated
     * without end.
     *
     * @param changed called with every Service that has changed, or whose EndpointSlices have, once {@link #resolve} can see the change. It
     *     runs on the informers' threads, so it must be quick
     */
    public CompletionStage<Void> start(Consumer<Obstacle.Subject> changed) {
        apiServerAddresses = ApiServerAddresses.lookUp(
                catalog, apiServer, settings.kubernetesServiceHost(), settings.kubernetesServicePort());
        return CompletableFuture.allOf(
                informers.stream().map(informer -> informer.start(changed)).toArray(CompletableFuture[]::new));
    }

    /** Whether everything that exists has been seen. Before that, objects not seen yet count as missing. */
    public boolean hasSynced() {
        return informers.stream().allMatch(TargetInformer::isSynced);
    }

    /** The informers, one for each namespace and kind. */
    public List<TargetInformer> informers() {
        return List.copyOf(informers);
    }

    /** The namespaces of the settings in which no Service was seen. */
    public List<String> namespacesWithoutServices() {
        return informers.stream()
                .filter(informer -> informer.kind() == TargetInformer.Kind.Services && informer.isEmpty())
                .map(TargetInformer::namespace)
                .filter(namespace -> !namespace.isEmpty())
                .toList();
    }

    /**
     * Resolves a Service right now. It answers at once and without I/O, on any thread.
     *
     * @param port a name or a number of the Service; null if it has exactly one port
     * @param https null = as the port says
     */
    public TargetResolution resolve(
            String namespace, String service, @Nullable IntOrString port, @Nullable Boolean https) {
        var query = new TargetRules.Query(namespace, service, port, https);
        long version = catalog.version();
        TargetResolution known = resolutions.find(version, query);
        if (known != null) {
            return known;
        }
        ServiceSnapshot seen = catalog.service(query.key());
        TargetResolution judged = rules.judge(query, seen, catalog.endpoints(query.key()));
        if (TargetRules.isLasting(seen)) {
            resolutions.add(version, query, judged);
        }
        return judged;
    }

    @Override
    public void close() {
        informers.forEach(TargetInformer::close);
    }

    private void watch(InformerFactory factory, String namespace) {
        informers.add(TargetInformer.of(
                namespace,
                TargetInformer.Kind.Services,
                factory.services(namespace, catalog.serviceStore()),
                ServiceCatalog::keyOf));
        informers.add(TargetInformer.of(
                namespace,
                TargetInformer.Kind.EndpointSlices,
                factory.endpointSlices(namespace, catalog.sliceStore()),
                ServiceCatalog::keyOf));
    }

    private boolean isApiServer(InetAddress address, int port) {
        ApiServerAddresses addresses = apiServerAddresses;
        return addresses != null && addresses.isAt(address, port);
    }
}
