package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Holds the snapshots of all watched Services and their EndpointSlices. The informers write it, any thread reads it, and a reader takes no lock. */
final class ServiceCatalog {
    private static final String SERVICE_OF_SLICE = "kubernetes.io/service-name";

    /** The key of a Service, which is also the key of its EndpointSlices. */
    record Key(String namespace, String service) {}

    private final Map<Key, ServiceSnapshot> services = new ConcurrentHashMap<>();
    private final Map<Key, EndpointsSnapshot> endpoints = new ConcurrentHashMap<>();
    private final AtomicLong versions = new AtomicLong();
    private final AtomicLong changes = new AtomicLong();

    /** Another number after each change, once the change can be read. */
    long version() {
        return changes.get();
    }

    @Nullable ServiceSnapshot service(Key key) {
        return services.get(key);
    }

    EndpointsSnapshot endpoints(Key key) {
        return endpoints.getOrDefault(key, EndpointsSnapshot.NONE);
    }

    static Key keyOf(Service service) {
        return new Key(
                service.getMetadata().getNamespace(), service.getMetadata().getName());
    }

    /** The key of the Service that the slice belongs to; null if it belongs to none. */
    static @Nullable Key keyOf(EndpointSlice slice) {
        String service = Objects.requireNonNullElse(slice.getMetadata().getLabels(), Map.<String, String>of())
                .get(SERVICE_OF_SLICE);
        return service == null ? null : new Key(slice.getMetadata().getNamespace(), service);
    }

    StubStore<Service> serviceStore() {
        return new StubStore<>(
                service -> new ServiceBuilder()
                        .withMetadata(stubOf(service).build())
                        .build(),
                new StubStore.Facts<>() {
                    @Override
                    public void put(@Nullable Service before, Service now) {
                        services.put(keyOf(now), ServiceSnapshot.of(now));
                        changes.incrementAndGet();
                    }

                    @Override
                    public void remove(Service before) {
                        services.remove(keyOf(before));
                        changes.incrementAndGet();
                    }
                });
    }

    StubStore<EndpointSlice> sliceStore() {
        return new StubStore<>(
                slice -> new EndpointSliceBuilder()
                        .withMetadata(stubWithService(slice))
                        .build(),
                new StubStore.Facts<>() {
                    @Override
                    public void put(@Nullable EndpointSlice before, EndpointSlice now) {
                        Key key = keyOf(now);
                        if (before != null && !Objects.equals(keyOf(before), key)) {
                            remove(before);
                        }
                        file(key, now.getMetadata().getName(), EndpointSliceSnapshot.of(now));
                    }

                    @Override
                    public void remove(EndpointSlice before) {
                        file(keyOf(before), before.getMetadata().getName(), null);
                    }
                });
    }

    private void file(@Nullable Key key, String slice, @Nullable EndpointSliceSnapshot known) {
        if (key == null) {
            return;
        }
        endpoints.compute(key, (same, before) -> {
            EndpointsSnapshot after =
                    (before == null ? EndpointsSnapshot.NONE : before).with(slice, known, versions::incrementAndGet);
            return after.byName().isEmpty() ? null : after;
        });
        changes.incrementAndGet();
    }

    private static ObjectMeta stubWithService(EndpointSlice slice) {
        Key key = keyOf(slice);
        ObjectMetaBuilder stub = stubOf(slice);
        return (key == null ? stub : stub.addToLabels(SERVICE_OF_SLICE, key.service())).build();
    }

    private static ObjectMetaBuilder stubOf(HasMetadata object) {
        return new ObjectMetaBuilder()
                .withNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .withResourceVersion(object.getMetadata().getResourceVersion());
    }
}
