package dev.taskqueue.operator;

import dev.taskqueue.operator.dispatch.HttpDispatcher;
import dev.taskqueue.operator.dispatch.RequestSender;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.kube.OkHttpTransport;
import dev.taskqueue.operator.kube.RequestListener;
import dev.taskqueue.operator.kube.RequestTimingInterceptor;
import dev.taskqueue.operator.kube.TimedHttpClients;
import dev.taskqueue.operator.lease.KubernetesLease;
import dev.taskqueue.operator.lease.LeaseStore;
import dev.taskqueue.operator.lease.LeaseTerms;
import dev.taskqueue.operator.reconcile.QueueStatusStore;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import dev.taskqueue.operator.targets.InformerFactory;
import dev.taskqueue.operator.targets.TokenSource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A real cluster, by two clients of its API server.
 *
 * @param config how to reach the API server
 * @param watching for the informers of Fabric8 and Java Operator SDK
 * @param direct for everything else; it repeats no request by itself
 * @param requests is built into both clients
 */
record KubernetesCluster(
        Config config,
        KubernetesClient watching,
        KubernetesClient direct,
        RequestTimingInterceptor requests,
        Environment environment)
        implements Cluster {
    /** The pause of an informer after a failure. After many failures it grows up to 32 times as long. */
    private static final Duration INFORMER_PAUSE = Duration.ofMillis(60);

    private static final int NOT_FOUND = 404;

    static KubernetesCluster of(Config config, Environment environment) {
        var requests = new RequestTimingInterceptor(environment.clock().monotonic());
        return new KubernetesCluster(
                config,
                client(new ConfigBuilder(config).withWatchReconnectInterval((int) INFORMER_PAUSE.toMillis()), requests),
                client(new ConfigBuilder(config).withRequestRetryBackoffLimit(0), requests),
                requests,
                environment);
    }

    private static KubernetesClient client(ConfigBuilder config, RequestTimingInterceptor requests) {
        return new KubernetesClientBuilder()
                .withHttpClientFactory(new TimedHttpClients(requests))
                .withConfig(config.build())
                .build();
    }

    @Override
    public void reportRequests(RequestListener listener) {
        requests.report(listener);
    }

    @Override
    public void awaitApiServer(Consumer<String> waitsFor) {
        new ApiServerWait(
                        direct,
                        environment.clock().monotonic(),
                        waitsFor,
                        environment.threads().sleeper())
                .await();
    }

    @Override
    public void warnOfMissing(Collection<String> namespaces) {
        new NamespaceProbe(direct).warnOfMissing(namespaces);
    }

    @Override
    public ApiTransport transport() {
        return new OkHttpTransport(direct);
    }

    @Override
    public InstantSource machineClock() {
        return Clocks.system().wall();
    }

    @Override
    public RequestProbe probe() {
        return path -> {
            try {
                return direct.raw(path) == null ? NOT_FOUND : 200;
            } catch (KubernetesClientException noSuccess) {
                return noSuccess.getCode();
            }
        };
    }

    @Override
    public LeaseStore lease(LeaseTerms terms) {
        return new KubernetesLease(config, terms, new TimedHttpClients(requests));
    }

    @Override
    public TokenSource tokens() {
        return new TokenSource.Kubernetes(direct);
    }

    @Override
    public InformerFactory informers() {
        return new InformerFactory.Kubernetes(watching);
    }

    @Override
    public QueueController queues(TaskQueueReconciler reconciler, Set<String> namespaces) {
        return new SdkQueueController(reconciler, namespaces, watching, probe());
    }

    @Override
    public QueueStatusStore queueStatuses() {
        return QueueStatusStore.SDK;
    }

    @Override
    public RequestSender workers(Clocks clock, Fence fence, RandomGenerator random) {
        return new HttpDispatcher(clock, fence, random);
    }

    @Override
    public void close() {
        direct.close();
        watching.close();
    }
}
