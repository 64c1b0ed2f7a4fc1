package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Obstacle;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The informer of Services or of EndpointSlices in one namespace. It repeats a failed list or watch without end. */
public final class TargetInformer {
    private final String namespace;
    private final Kind kind;
    private final SharedIndexInformer<?> informer;
    private final Consumer<Consumer<Obstacle.Subject>> addHandler;

    /** The kind of the objects that it follows. */
    public enum Kind {
        Services,
        EndpointSlices
    }

    private TargetInformer(
            String namespace,
            Kind kind,
            SharedIndexInformer<?> informer,
            Consumer<Consumer<Obstacle.Subject>> addHandler) {
        this.namespace = namespace;
        this.kind = kind;
        this.informer = informer;
        this.addHandler = addHandler;
    }

    /**
     * Wraps an informer that is not started yet.
     *
     * @param namespace empty = all
     * @param owner names the Service that an object belongs to; null for an object without a Service
     */
    static <T extends HasMetadata> TargetInformer of(
            String namespace,
            Kind kind,
            SharedIndexInformer<T> informer,
            Function<T, ServiceCatalog.@Nullable Key> owner) {
        return new TargetInformer(
                namespace, kind, informer, changed -> informer.addEventHandler(new ChangeHandler<>(owner, changed)));
    }

    /** Starts to list and watch. The result completes once everything that exists has been seen. */
    CompletableFuture<Void> start(Consumer<Obstacle.Subject> changed) {
        addHandler.accept(changed);
        return informer.start().toCompletableFuture();
    }

    void close() {
        informer.close();
    }

    /** The namespace that it follows; empty = all. */
    public String namespace() {
        return namespace;
    }

    public Kind kind() {
        return kind;
    }

    /** Whether it has seen no object. */
    boolean isEmpty() {
        return informer.getStore().listKeys().isEmpty();
    }

    /** Whether all that exists has been seen. */
    public boolean isSynced() {
        return informer.hasSynced();
    }

    /** Whether a watch is open right now. */
    public boolean isWatching() {
        return informer.isWatching();
    }

    /** Reports the Service that a changed object belongs to. */
    private record ChangeHandler<T extends HasMetadata>(
            Function<T, ServiceCatalog.@Nullable Key> owner, Consumer<Obstacle.Subject> changed)
            implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T now) {
            report(owner.apply(now));
        }

        @Override
        public void onUpdate(T before, T now) {
            ServiceCatalog.Key service = owner.apply(now);
            report(service);
            ServiceCatalog.Key former = owner.apply(before);
            if (!Objects.equals(former, service)) {
                report(former);
            }
        }

        @Override
        public void onDelete(T before, boolean unknownFinalState) {
            report(owner.apply(before));
        }

        private void report(ServiceCatalog.@Nullable Key service) {
            if (service != null) {
                changed.accept(new Obstacle.Subject(Obstacle.Kind.Service, service.namespace(), service.service()));
            }
        }
    }
}
