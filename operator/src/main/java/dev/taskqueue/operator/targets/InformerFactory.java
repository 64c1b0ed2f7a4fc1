package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.net.URI;

/** Port: informers that follow objects of the API server. Each repeats a failed list or watch without end, and is not started yet. */
public interface InformerFactory {
    /** The URL at which this process calls the API server. */
    URI apiServer();

    /**
     * Makes an informer of Services.
     *
     * @param namespace empty = all
     */
    SharedIndexInformer<Service> services(String namespace, ItemStore<Service> store);

    /**
     * Makes an informer of EndpointSlices.
     *
     * @param namespace empty = all
     */
    SharedIndexInformer<EndpointSlice> endpointSlices(String namespace, ItemStore<EndpointSlice> store);

    /** The informers of Fabric8. */
    record Kubernetes(KubernetesClient client) implements InformerFactory {
        @Override
        public URI apiServer() {
            return URI.create(client.getMasterUrl().toString());
        }

        @Override
        public SharedIndexInformer<Service> services(String namespace, ItemStore<Service> store) {
            var all = client.services();
            return informer(namespace.isEmpty() ? all.inAnyNamespace() : all.inNamespace(namespace), store);
        }

        @Override
        public SharedIndexInformer<EndpointSlice> endpointSlices(String namespace, ItemStore<EndpointSlice> store) {
            var all = client.discovery().v1().endpointSlices();
            return informer(namespace.isEmpty() ? all.inAnyNamespace() : all.inNamespace(namespace), store);
        }

        private static <T extends HasMetadata> SharedIndexInformer<T> informer(
                Informable<T> objects, ItemStore<T> store) {
            return objects.runnableInformer(0)
                    .removeNamespaceIndex()
                    .itemStore(store)
                    .exceptionHandler((started, failure) -> true);
        }
    }
}
