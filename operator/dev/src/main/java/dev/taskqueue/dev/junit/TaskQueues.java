package dev.taskqueue.dev.junit;

import dev.taskqueue.dev.Creator;
import dev.taskqueue.dev.Manifest;
import dev.taskqueue.dev.OperatorSettings;
import dev.taskqueue.dev.ServiceStubs;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import dev.taskqueue.operator.Environment;
import dev.taskqueue.operator.TaskQueueOperator;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An API server with our kinds and a running operator, for one test. Call its methods on the test's thread only. */
public final class TaskQueues implements AutoCloseable {
    private static final String NAMESPACE = "default";
    private static final int PORT = 8080;

    private final @Nullable ManualAlarmClock time;
    private final InstantSource clock;
    private final EmbeddedApiServer api;
    private final KubernetesClient client;
    private final TaskQueueOperator operator;
    private final Creator creator;
    private final ServiceStubs serviceStubs;
    private final @Nullable Quiescence quiescence;
    private final Map<String, URI> targets = new ConcurrentHashMap<>();
    private final Map<String, StubWorker> stubs = new HashMap<>();

    /** @param time null = the machine's time */
    TaskQueues(@Nullable ManualAlarmClock time) {
        this.time = time;
        clock = time == null ? InstantSource.system() : time;
        api = EmbeddedApiServer.start(0, clock);
        client = new KubernetesClientBuilder().withConfig(api.clientConfig()).build();
        var threads = new CountingThreads();
        operator = operator(api.clientConfig(), time, threads);
        creator = new Creator(client);
        serviceStubs = new ServiceStubs(creator, notes -> {});
        quiescence = time == null ? null : new Quiescence(time, threads, operator, client, targets.keySet());
    }

    private static TaskQueueOperator operator(
            Config cluster, @Nullable ManualAlarmClock time, CountingThreads threads) {
        try {
            return time == null
                    ? new TaskQueueOperator(OperatorSettings.inProcess(), cluster)
                    : new TaskQueueOperator(
                            OperatorSettings.inProcess(),
                            cluster,
                            new Environment(time.clock(), threads, executor -> time));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The configuration for the client of a producer under test. */
    public Config clientConfig() {
        return api.clientConfig();
    }

    /** The URL at which the API server listens: plain HTTP, no credentials. */
    public String url() {
        return api.url();
    }

    /** A client of {@link #clientConfig()}; all callers get the same one. */
    public KubernetesClient client() {
        return client;
    }

    /** The operator's time. */
    public Instant now() {
        return clock.instant();
    }

    /**
     * Creates the objects of a manifest, YAML. The {@link #stub} answers for a Service of the manifest unless {@link #forward} is called for it.
     *
     * @throws IllegalArgumentException with the API server's sentence, if it refuses an object
     */
    public TaskQueues apply(String yaml) {
        return create(Manifest.parse("the manifest", yaml));
    }

    /** Does the same as {@link #apply(String)} for a file, or for all files in a folder. */
    public TaskQueues apply(Path manifests) {
        return create(Manifest.read(manifests));
    }

    private TaskQueues create(List<Manifest> manifests) {
        manifests.forEach(manifest -> {
            if (manifest.isService()) {
                String service = manifest.name();
                targets.computeIfAbsent(service, this::newStub);
                serviceStubs.add(manifest, () -> target(service));
            } else {
                creator.create(manifest);
            }
        });
        return this;
    }

    private URI target(String service) {
        return Objects.requireNonNull(targets.get(service));
    }

    private URI newStub(String service) {
        return stubs.computeIfAbsent(service, name -> new StubWorker(clock)).url();
    }

    /** The stub worker of a Service. The Service is created if it is missing. */
    public StubWorker stub(String service) {
        if (!targets.containsKey(service)) {
            standFor(service, newStub(service));
        }
        return Objects.requireNonNull(stubs.get(service), "the Service is forwarded, so it has no stub");
    }

    /** From now on the given handler answers for a Service, {@code http://HOST:PORT}. The Service is created if it is missing. */
    public void forward(String service, URI handler) {
        if (targets.replace(service, handler) == null) {
            standFor(service, handler);
        }
    }

    private void standFor(String service, URI target) {
        targets.put(service, target);
        serviceStubs.add(NAMESPACE, service, PORT, () -> target(service));
    }

    /** A queue of the namespace {@code default}. */
    public TestQueue queue(String name) {
        return new TestQueue(name, client);
    }

    /**
     * Lets time pass. In virtual time, everything that is due until then happens in its order. The method returns when each attempt was answered and
     * its outcome is in the Task's status. A duration of zero does everything that is due right now.
     */
    public void advance(Duration duration) {
        if (time != null && quiescence != null) {
            quiescence.advance(time.instant().plus(duration));
            return;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(duration.toNanos());
        } catch (InterruptedException stop) {
            throw new IllegalStateException("interrupted while waiting", stop);
        }
    }

    /** Stops the operator and the API server. */
    @Override
    public void close() {
        operator.close();
        serviceStubs.close();
        stubs.values().forEach(StubWorker::close);
        client.close();
        api.close();
    }
}
