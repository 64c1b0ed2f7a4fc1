package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.domain.Obstacle;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the connection to the watches. {@link TargetRulesTest} tests the rules for the objects that they report. */
@EnableKubernetesMockClient(crud = true)
class TargetResolverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    /** The results of {@code resolve} at the moment of each wake-up of shop/worker. */
    private final BlockingQueue<String> seenAtWakeUp = new LinkedBlockingQueue<>();

    private final BlockingQueue<Obstacle.Subject> woken = new LinkedBlockingQueue<>();

    @SuppressWarnings("NullAway.Init")
    private TargetResolver targets;

    /** The mock server hangs when it closes a watch that was never used. So this uses each of them. */
    @AfterEach
    void close() throws InterruptedException {
        create(new ServiceBuilder(worker())
                .editMetadata()
                .withName("last-service")
                .endMetadata()
                .build());
        awaitWoken(subject -> subject.name().equals("last-service"));
        create(new EndpointSliceBuilder(slice(true))
                .editMetadata()
                .withName("last-slice")
                .addToLabels("kubernetes.io/service-name", "last-slice")
                .endMetadata()
                .build());
        awaitWoken(subject -> subject.name().equals("last-slice"));
        targets.close();
    }

    @Test
    void whatExistsIsKnownOnceItHasStarted() {
        create(worker());
        create(slice(true));
        start(Set.of());
        assertThat(targets.hasSynced()).isTrue();
        assertThat(resolved()).isEqualTo("10.0.0.1:80");
    }

    @Test
    void everyChangeIsVisibleByTheTimeItIsTold() throws InterruptedException {
        start(Set.of());
        assertThat(resolved()).isEqualTo("TargetNotFound");
        create(worker());
        awaitAtWakeUp("NoReadyEndpoint");
        create(slice(false));
        awaitAtWakeUp("NoReadyEndpoint");
        client.resource(slice(true)).update();
        awaitAtWakeUp("10.0.0.1:80");
        client.resource(slice(false)).update();
        awaitAtWakeUp("NoReadyEndpoint");
        client.resource(slice(true)).update();
        awaitAtWakeUp("10.0.0.1:80");
        client.resource(slice(true)).delete();
        awaitAtWakeUp("NoReadyEndpoint");
        client.resource(worker()).delete();
        awaitAtWakeUp("TargetNotFound");
    }

    @Test
    void anEndpointOfAServiceWithoutAddressIsChosenAnewEachTime() {
        create(TestingServices.cluster("None", TestingServices.port("http", 80)));
        create(TestingServices.slice("http", 8080, "192.0.2.1", "192.0.2.2"));
        start(Set.of());
        assertThat(Stream.generate(this::resolved).limit(100).distinct())
                .containsExactlyInAnyOrder("192.0.2.1:8080", "192.0.2.2:8080");
    }

    @Test
    void aSliceThatMovesToAnotherServiceTellsBoth() throws InterruptedException {
        create(worker());
        create(slice(true));
        start(Set.of());
        EndpointSlice moved = new EndpointSliceBuilder(slice(true))
                .editMetadata()
                .addToLabels("kubernetes.io/service-name", "other")
                .endMetadata()
                .build();
        client.resource(moved).update();
        awaitWoken(subject -> subject.name().equals("other"));
        assertThat(resolved()).isEqualTo("NoReadyEndpoint");
        awaitWoken(subject -> subject.name().equals("worker"));
    }

    @Test
    void otherNamespacesAreNotLookedAt() throws InterruptedException {
        start(Set.of("shop", "office"));
        create(inNamespace("elsewhere"));
        create(inNamespace("office"));
        awaitWoken(subject -> subject.namespace().equals("office"));
        assertThat(targets.resolve("elsewhere", "worker", null, null)).isInstanceOf(TargetResolution.Missing.class);
        assertThat(woken).noneMatch(subject -> subject.namespace().equals("elsewhere"));
    }

    @Test
    void theApiServersOwnAddressesAreRefusedUnderAnyName() {
        Service apiServer = new ServiceBuilder(TestingServices.cluster("10.0.0.1", TestingServices.port("http", 443)))
                .withNewMetadata()
                .withNamespace("default")
                .withName("kubernetes")
                .endMetadata()
                .build();
        create(apiServer);
        create(worker());
        create(slice(true));
        start(Set.of());
        assertThat(resolved()).isEqualTo("TargetRefused");
    }

    @Test
    void everyFamilyOfTheApiServersAddressIsRefused() {
        Service apiServer = new ServiceBuilder(TestingServices.cluster("10.96.0.1", TestingServices.port("http", 443)))
                .withNewMetadata()
                .withNamespace("default")
                .withName("kubernetes")
                .endMetadata()
                .editSpec()
                .withClusterIPs("10.96.0.1", "10.0.0.1")
                .endSpec()
                .build();
        create(apiServer);
        create(worker());
        create(slice(true));
        start(Set.of());
        assertThat(resolved()).isEqualTo("TargetRefused");
    }

    @Test
    void anEndpointOfTheApiServerIsRefusedAtItsOwnPortAlone() throws InterruptedException {
        EndpointSlice apiServer = new EndpointSliceBuilder(TestingServices.slice("https", 8080, true, "192.0.2.1"))
                .editMetadata()
                .withNamespace("default")
                .addToLabels("kubernetes.io/service-name", "kubernetes")
                .endMetadata()
                .build();
        create(apiServer);
        create(worker());
        create(slice(true));
        start(Set.of());
        assertThat(resolved()).isEqualTo("TargetRefused");
        client.resource(TestingServices.slice("http", 9090, true, "192.0.2.1")).update();
        awaitAtWakeUp("10.0.0.1:80");
    }

    /** On a node of the API server, a handler with hostNetwork has the node's address, too. */
    @ParameterizedTest
    @CsvSource({"80, TargetRefused", "6443, 10.0.0.1:80", ", 10.0.0.1:80", "no port, 10.0.0.1:80"})
    void theAddressThatPodsAreToldOfIsRefusedAtItsPortAlone(@Nullable String port, String expected) {
        create(worker());
        create(slice(true));
        start(new TargetResolver.Settings(Set.of("shop"), List.of(), "10.0.0.1", port));
        assertThat(resolved()).isEqualTo(expected);
    }

    @Test
    void anAdministratorMayAllowABlock() {
        create(TestingServices.cluster("127.20.0.1", TestingServices.port("http", 80)));
        create(slice(true));
        start(new TargetResolver.Settings(Set.of(), List.of(Cidr.parse("127.20.0.0/16")), null, null));
        assertThat(resolved()).isEqualTo("127.20.0.1:80");
    }

    private void start(Set<String> namespaces) {
        start(new TargetResolver.Settings(namespaces, List.of(), null, null));
    }

    private void start(TargetResolver.Settings settings) {
        targets = new TargetResolver(new InformerFactory.Kubernetes(client), settings, new Random(7));
        targets.start(this::changed)
                .toCompletableFuture()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        // All existing objects have been reported by now. From here on only changes count.
        woken.clear();
        seenAtWakeUp.clear();
    }

    private void changed(Obstacle.Subject subject) {
        woken.add(subject);
        if (subject.equals(new Obstacle.Subject(Obstacle.Kind.Service, "shop", "worker"))) {
            seenAtWakeUp.add(resolved());
        }
    }

    private String resolved() {
        return switch (targets.resolve("shop", "worker", null, null)) {
            case TargetResolution.Found(Target target) -> target.address().getHostAddress() + ":" + target.port();
            case TargetResolution.Missing(Obstacle obstacle) ->
                obstacle.reason().name();
        };
    }

    private void awaitAtWakeUp(String expected) throws InterruptedException {
        assertThat(seenAtWakeUp.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(expected);
    }

    private void awaitWoken(Predicate<Obstacle.Subject> expected) throws InterruptedException {
        Obstacle.Subject subject;
        do {
            subject = woken.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(subject).as("woken in time").isNotNull();
        } while (!expected.test(subject));
    }

    private void create(Service service) {
        client.resource(service).create();
    }

    private void create(EndpointSlice slice) {
        client.resource(slice).create();
    }

    private static Service worker() {
        return TestingServices.cluster("10.0.0.1", TestingServices.port("http", 80));
    }

    private static Service inNamespace(String namespace) {
        return new ServiceBuilder(worker())
                .editMetadata()
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }

    private static EndpointSlice slice(boolean ready) {
        return TestingServices.slice("http", 8080, ready, "192.0.2.1");
    }
}
