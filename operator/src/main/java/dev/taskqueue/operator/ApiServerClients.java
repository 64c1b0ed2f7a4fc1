package dev.taskqueue.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;

/**
 * The two clients of one API server.
 *
 * @param informers for the informers of Fabric8 and Java Operator SDK
 * @param direct for everything else; it repeats no request by itself
 */
record ApiServerClients(KubernetesClient informers, KubernetesClient direct) implements AutoCloseable {
    /** The pause of an informer after a failure. After many failures it grows up to 32 times as long. */
    private static final Duration INFORMER_PAUSE = Duration.ofMillis(60);

    static ApiServerClients of(Config cluster) {
        return new ApiServerClients(
                client(new ConfigBuilder(cluster).withWatchReconnectInterval((int) INFORMER_PAUSE.toMillis())),
                client(new ConfigBuilder(cluster).withRequestRetryBackoffLimit(0)));
    }

    private static KubernetesClient client(ConfigBuilder config) {
        return new KubernetesClientBuilder().withConfig(config.build()).build();
    }

    @Override
    public void close() {
        direct.close();
        informers.close();
    }
}
