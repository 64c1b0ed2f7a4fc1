package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.targets.InformerFactory;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.informers.cache.Store;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Informers of Services and EndpointSlices: the stores and the handlers are the operator's own. */
final class SimulatedInformers implements InformerFactory {
    private final SimulatedProcess process;
    private final ApiTransport transport;

    SimulatedInformers(SimulatedProcess process, ApiTransport transport) {
        this.process = process;
        this.transport = transport;
    }

    @Override
    public URI apiServer() {
        return URI.create("https://10.96.0.1");
    }

    @Override
    public SharedIndexInformer<Service> services(String namespace, ItemStore<Service> store) {
        String path = ObjectFollower.collection("api/v1", namespace, "services");
        return new Informer<>(process, transport, path, Service.class, store).asInformer();
    }

    @Override
    public SharedIndexInformer<EndpointSlice> endpointSlices(String namespace, ItemStore<EndpointSlice> store) {
        String path = ObjectFollower.collection("apis/discovery.k8s.io/v1", namespace, "endpointslices");
        return new Informer<>(process, transport, path, EndpointSlice.class, store).asInformer();
    }

    /** What the operator uses of an informer. */
    private static final class Informer<T extends HasMetadata> implements ObjectFollower.Sink {
        private final ObjectFollower follower;
        private final Class<T> type;
        private final ItemStore<T> store;
        private final List<ResourceEventHandler<? super T>> handlers = new ArrayList<>();

        Informer(SimulatedProcess process, ApiTransport transport, String path, Class<T> type, ItemStore<T> store) {
            this.follower = new ObjectFollower(process, transport, path, this);
            this.type = type;
            this.store = store;
        }

        @Override
        public void put(String key, JsonNode object) {
            T now = Trees.typed(object, type);
            T before = store.put(store.getKey(now), now);
            for (ResourceEventHandler<? super T> handler : handlers) {
                if (before == null) {
                    handler.onAdd(now);
                } else {
                    handler.onUpdate(before, now);
                }
            }
        }

        @Override
        public void remove(String key, JsonNode before) {
            T last = Trees.typed(before, type);
            T known = store.remove(store.getKey(last));
            handlers.forEach(handler -> handler.onDelete(known == null ? last : known, false));
        }

        @SuppressWarnings("unchecked")
        SharedIndexInformer<T> asInformer() {
            return (SharedIndexInformer<T>) Proxy.newProxyInstance(
                    SharedIndexInformer.class.getClassLoader(), new Class<?>[] {SharedIndexInformer.class}, this::call);
        }

        private Object keys(Method asked) {
            if (!asked.getName().equals("listKeys")) {
                throw new UnsupportedOperationException(asked.getName());
            }
            return store.keySet().toList();
        }

        @SuppressWarnings("unchecked")
        private @Nullable Object call(Object proxy, Method method, Object[] arguments) {
            return switch (method.getName()) {
                case "addEventHandler" -> {
                    handlers.add((ResourceEventHandler<? super T>) arguments[0]);
                    yield proxy;
                }
                case "start" -> {
                    follower.start();
                    yield CompletableFuture.completedFuture(null);
                }
                case "close", "stop" -> {
                    follower.close();
                    yield null;
                }
                case "hasSynced" -> follower.isSynced();
                case "isWatching" -> follower.isWatching();
                case "getStore" ->
                    Proxy.newProxyInstance(
                            Store.class.getClassLoader(),
                            new Class<?>[] {method.getReturnType()},
                            (none, asked, nothing) -> keys(asked));
                default -> throw new UnsupportedOperationException(method.getName());
            };
        }
    }
}
