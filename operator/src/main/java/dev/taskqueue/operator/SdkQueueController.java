package dev.taskqueue.operator;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import dev.taskqueue.operator.reconcile.TaskQueueStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Runs Java Operator SDK, which watches the TaskQueues of each namespace and calls their reconciler. */
final class SdkQueueController implements QueueController {
    /**
     * The start waits no longer than this, because a refused namespace must not delay the others. {@link #watches} says whether everything has been
     * seen.
     */
    private static final Duration START_TAKES = Duration.ofSeconds(5);

    private final Set<String> namespaces;
    private final Cluster.RequestProbe probe;
    private final Operator operator;
    private final RegisteredController<TaskQueue> controller;

    /**
     * Makes a controller that begins with {@link #start}.
     *
     * @param namespaces empty = all
     * @param probe must not repeat requests by itself
     */
    SdkQueueController(
            TaskQueueReconciler reconciler,
            Set<String> namespaces,
            KubernetesClient client,
            Cluster.RequestProbe probe) {
        this.namespaces = namespaces;
        this.probe = probe;
        this.operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withStopOnInformerErrorDuringStartup(false)
                .withCacheSyncTimeout(START_TAKES)
                .withUseSSAToPatchPrimaryResource(false));
        this.controller = operator.register(reconciler, overrider -> {
            if (namespaces.isEmpty()) {
                overrider.watchingAllNamespaces();
            } else {
                overrider.settingNamespaces(namespaces);
            }
            if (namespaces.size() < 2) {
                // The SDK has an informer for each namespace, and each informer would drop the objects of the others
                // from a shared store.
                overrider.withItemStore(new TaskQueueStore());
            }
        });
    }

    @Override
    public void start() {
        operator.start();
    }

    @Override
    public List<WatchState> watches() {
        Collection<String> all = namespaces.isEmpty() ? List.of("") : namespaces;
        return all.stream()
                .<WatchState>map(namespace -> new ProbedInformer(
                        ProbedInformer.Kind.QUEUES,
                        namespace,
                        () -> is(namespace, InformerHealthIndicator::hasSynced),
                        () -> is(namespace, InformerHealthIndicator::isWatching),
                        probe))
                .toList();
    }

    private boolean is(String namespace, Predicate<InformerHealthIndicator> state) {
        String name = namespace.isEmpty() ? Constants.WATCH_ALL_NAMESPACES : namespace;
        return informers(name).findFirst().filter(state).isPresent();
    }

    private Stream<InformerHealthIndicator> informers(String namespace) {
        return controller.getControllerHealthInfo().informerEventSourceHealthIndicators().values().stream()
                .<InformerWrappingEventSourceHealthIndicator<?>>map(source -> source)
                .map(source -> source.informerHealthIndicators().get(namespace))
                .filter(Objects::nonNull);
    }

    @Override
    public void close() {
        operator.stop();
    }
}
