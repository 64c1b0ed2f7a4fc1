package dev.taskqueue.operator.prepare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.dispatch.DeliveryHeaders;
import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.dispatch.RequestSender;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.engine.Dispatcher.FinalCheck;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.engine.Dispatcher.PreparedRequest;
import dev.taskqueue.operator.targets.InformerFactory;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.targets.TokenRequester;
import dev.taskqueue.operator.targets.TokenSource;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingTasks;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The services behind a dispatcher: the Services that it is told, tokens that are numbered, and a worker that keeps all requests. */
final class TestingServices {
    static final QueueId ORDERS = new QueueId("shop", "orders");
    static final Duration MAX_DEADLINE = Duration.ofMinutes(30);
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");

    final QueueProfiles queues = new QueueProfiles();
    final List<OutboundRequest> sent = new ArrayList<>();
    /** Whose tokens were requested. */
    final List<String> asked = new ArrayList<>();
    /** The status of every answer. */
    int answer = 200;

    private final Stores stores = new Stores();
    private int tokens;
    /** For tokens and templates. */
    private long nanos;

    final DispatchServices services = new DispatchServices(
            new TargetResolver(stores, new TargetResolver.Settings(Set.of(), List.of(), null, null), new Random(7)),
            new TokenRequester(new NumberedTokens(), this::nanos),
            new Worker(),
            new DeliveryHeaders("1.2.3"));

    TestingServices() {
        queue("{}");
        worker("http");
    }

    long nanos() {
        return nanos;
    }

    void advance(Duration by) {
        nanos += by.toNanos();
    }

    /** The token that was granted as the {@code number}th, from 1. It lives for an hour. */
    static String token(int number) {
        String claims = "{\"iat\":0,\"exp\":3600,\"jti\":\"" + number + "\"}";
        return "e30." + Base64.getUrlEncoder().encodeToString(claims.getBytes(UTF_8)) + ".x";
    }

    /** The TaskQueue {@code shop/orders} has this spec from now on. */
    void queue(String spec) {
        queues.put(ORDERS, QueueProfile.read(TestingTasks.read(spec, TaskQueueSpec.class), false));
    }

    /** The Service {@code shop/worker} has an endpoint and this port from now on. */
    void worker(String portName) {
        Service service = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("worker")
                .endMetadata()
                .withNewSpec()
                .withClusterIP("10.96.0.7")
                .addNewPort()
                .withName(portName)
                .withPort(80)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
        EndpointSlice slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("worker-abcde")
                .addToLabels("kubernetes.io/service-name", "worker")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort(null, portName, 8080, "TCP")
                .addNewEndpoint()
                .withAddresses("10.0.0.1")
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint()
                .build();
        Objects.requireNonNull(stores.services).put("shop/worker", service);
        Objects.requireNonNull(stores.slices).put("shop/worker-abcde", slice);
    }

    /** The request, if there is no obstacle. */
    static PreparedRequest ready(Preparation preparation) {
        return switch (preparation) {
            case Preparation.Ready(PreparedRequest request) -> request;
            default -> throw new AssertionError(preparation.toString());
        };
    }

    static String obstacle(Preparation preparation) {
        return preparation instanceof Preparation.Blocked blocked
                ? blocked.obstacle().reason() + ": " + blocked.obstacle().message()
                : preparation.toString();
    }

    /** Sends the first attempt of a request; returns what the worker got. */
    OutboundRequest send(DeliveryKey key, Preparation preparation) {
        FinalCheck check = ready(preparation).finalCheck();
        if (!(check instanceof FinalCheck.Passed passed)) {
            throw new AssertionError(check.toString());
        }
        var retry = Objects.requireNonNull(queues.get(ORDERS)).settings().retry();
        passed.request().send(new AttemptContext(key, ORDERS, NOW, NOW, null, AttemptHistory.NONE, retry));
        return sent.getLast();
    }

    private final class Worker implements RequestSender {
        @Override
        public Departure send(OutboundRequest request) {
            sent.add(request);
            return new Departure.Left(Outcome.Answered.of(answer));
        }

        @Override
        public void close() {
            throw new AssertionError("nobody closes it");
        }
    }

    private final class NumberedTokens implements TokenSource {
        @Override
        public TokenRequest create(String namespace, String serviceAccount, TokenRequest request) {
            asked.add(namespace + "/" + serviceAccount + " for "
                    + request.getSpec().getAudiences().getFirst());
            tokens++;
            return new TokenRequestBuilder(request)
                    .withNewStatus(null, token(tokens))
                    .build();
        }

        @Override
        public @Nullable String ownToken() {
            return null;
        }
    }

    /** Takes the stores of the informers, which never start. */
    private static final class Stores implements InformerFactory {
        private @Nullable ItemStore<Service> services;
        private @Nullable ItemStore<EndpointSlice> slices;

        @Override
        public URI apiServer() {
            return URI.create("https://10.96.0.1");
        }

        @Override
        public SharedIndexInformer<Service> services(String namespace, ItemStore<Service> store) {
            services = store;
            return informer();
        }

        @Override
        public SharedIndexInformer<EndpointSlice> endpointSlices(String namespace, ItemStore<EndpointSlice> store) {
            slices = store;
            return informer();
        }

        @SuppressWarnings("unchecked")
        private static <T> SharedIndexInformer<T> informer() {
            return (SharedIndexInformer<T>) Proxy.newProxyInstance(
                    SharedIndexInformer.class.getClassLoader(),
                    new Class<?>[] {SharedIndexInformer.class},
                    (proxy, method, arguments) -> {
                        throw new AssertionError(method.getName());
                    });
        }
    }
}
