package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.domain.Obstacle;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Says where a Service leads, from the Service itself and its EndpointSlices, which are watched. No name is looked up, so nobody who controls
 * a name controls where the operator connects to.
 */
public final class TargetResolver implements AutoCloseable {
    private final ServiceCatalog catalog = new ServiceCatalog();
    private final List<Informer> informers = new ArrayList<>();
    private final Settings settings;
    private final URI apiServer;
    private final Consumer<Obstacle.Subject> changed;
    private final TargetRules rules;
    /** Null before the start, when nothing is resolved. */
    private volatile @Nullable ApiServerAddresses apiServerAddresses;

    /**
     * What is watched and what is refused.
     *
     * @param namespaces empty = all
     * @param allowed addresses that are refused by rule and yet allowed
     * @param kubernetesServiceHost the API server's address as a Pod's environment tells it; null outside a Pod
     */
    public record Settings(
            Set<String> namespaces,
            List<Cidr> allowed,
            @Nullable String kubernetesServiceHost) {}

    /**
     * The informer of one kind in one namespace; it repeats what fails for ever.
     *
     * @param namespace empty = all
     */
    public record Informer(String namespace, Kind kind, SharedIndexInformer<?> informer) {
        /** What it follows. */
        public enum Kind {
            Services,
            EndpointSlices
        }

        /** Whether all that exists has been seen. */
        public boolean isSynced() {
            return informer.hasSynced();
        }

        /** Whether changes are heard of right now. */
        public boolean isWatching() {
            return informer.isWatching();
        }
    }

    /**
     * @param changed hears of every Service that has changed, or whose EndpointSlices have, once {@link #resolve} can see it; called on the
     *     informers' threads, so it must be quick
     * @param spread picks an endpoint of a headless Service; must stand calls from many threads
     */
    public TargetResolver(
            KubernetesClient client, Settings settings, Consumer<Obstacle.Subject> changed, RandomGenerator spread) {
        this.settings = settings;
        this.apiServer = URI.create(client.getMasterUrl().toString());
        this.changed = changed;
        this.rules = new TargetRules(new AddressPolicy(settings.allowed(), this::isApiServer), spread);
        var services = client.services();
        var slices = client.discovery().v1().endpointSlices();
        if (settings.namespaces().isEmpty()) {
            watch("", services.inAnyNamespace(), slices.inAnyNamespace());
        }
        settings.namespaces()
                .forEach(namespace -> watch(namespace, services.inNamespace(namespace), slices.inNamespace(namespace)));
    }

    /** Starts watching. Done once {@link #hasSynced}; where the API server refuses or is away, that is tried again for ever. */
    public CompletionStage<Void> start() {
        apiServerAddresses = ApiServerAddresses.lookUp(catalog, apiServer, settings.kubernetesServiceHost());
        return CompletableFuture.allOf(informers.stream()
                .map(informer -> informer.informer().start().toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /** Whether everything that exists has been seen; before that, what has not been seen counts as missing. */
    public boolean hasSynced() {
        return informers.stream().allMatch(Informer::isSynced);
    }

    /** What is followed, each namespace and kind by itself. */
    public List<Informer> informers() {
        return List.copyOf(informers);
    }

    /**
     * Where a Service leads right now. Answers at once and without I/O, on any thread.
     *
     * @param port a name or a number of the Service; null where it has exactly one
     * @param https null = what the port says of itself
     */
    public TargetResolution resolve(
            String namespace, String service, @Nullable IntOrString port, @Nullable Boolean https) {
        var key = new ServiceCatalog.Key(namespace, service);
        return rules.judge(
                new TargetRules.Query(namespace, service, port, https), catalog.service(key), catalog.slices(key));
    }

    @Override
    public void close() {
        informers.forEach(informer -> informer.informer().close());
    }

    private void watch(String namespace, Informable<Service> services, Informable<EndpointSlice> slices) {
        informers.add(new Informer(
                namespace, Informer.Kind.Services, informer(services, catalog.serviceStore(), ServiceCatalog::keyOf)));
        informers.add(new Informer(
                namespace,
                Informer.Kind.EndpointSlices,
                informer(slices, catalog.sliceStore(), ServiceCatalog::keyOf)));
    }

    private <T extends HasMetadata> SharedIndexInformer<T> informer(
            Informable<T> place, StubStore<T> store, Function<T, ServiceCatalog.@Nullable Key> owner) {
        return place.runnableInformer(0)
                .removeNamespaceIndex()
                .itemStore(store)
                .exceptionHandler((started, failure) -> true)
                .addEventHandler(new Waker<>(owner));
    }

    private boolean isApiServer(InetAddress address, int port) {
        ApiServerAddresses addresses = apiServerAddresses;
        return addresses != null && addresses.isAt(address, port);
    }

    /** Tells {@link #changed} which Service an object's change concerns. */
    private final class Waker<T extends HasMetadata> implements ResourceEventHandler<T> {
        private final Function<T, ServiceCatalog.@Nullable Key> owner;

        Waker(Function<T, ServiceCatalog.@Nullable Key> owner) {
            this.owner = owner;
        }

        @Override
        public void onAdd(T now) {
            wake(owner.apply(now));
        }

        @Override
        public void onUpdate(T before, T now) {
            ServiceCatalog.Key key = owner.apply(now);
            wake(key);
            ServiceCatalog.Key former = owner.apply(before);
            if (!Objects.equals(former, key)) {
                wake(former);
            }
        }

        @Override
        public void onDelete(T before, boolean unknownFinalState) {
            wake(owner.apply(before));
        }

        private void wake(ServiceCatalog.@Nullable Key key) {
            if (key != null) {
                changed.accept(new Obstacle.Subject(Obstacle.Kind.Service, key.namespace(), key.service()));
            }
        }
    }
}
