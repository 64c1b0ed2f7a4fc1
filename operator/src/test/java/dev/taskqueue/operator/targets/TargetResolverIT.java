package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorAccount;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TargetResolverIT {
    private static final ControlPlane plane = ControlPlane.shared();

    private final String namespace = plane.newNamespace();
    private final OperatorAccount account = OperatorAccount.install(plane, namespace);
    private final KubernetesClient operator = plane.client(account.kubeconfig());

    /** The results of {@code resolve} at the moment of each wake-up of this test's Service. */
    private final BlockingQueue<String> seenAtWakeUp = new LinkedBlockingQueue<>();

    @SuppressWarnings("NullAway.Init")
    private TargetResolver targets;

    @AfterEach
    void close() {
        targets.close();
        operator.close();
        account.assertSufficed();
    }

    @Test
    void readinessIsSeenAsItComesAndGoes() throws InterruptedException {
        start(Cidr.parse("127.20.0.0/16"));
        Service service = create(TestingServices.cluster("", TestingServices.port("http", 80)));
        String address = service.getSpec().getClusterIP();
        assertThat(address).startsWith("127.20.");
        awaitAtWakeUp("NoReadyEndpoint");
        create(false);
        awaitAtWakeUp("NoReadyEndpoint");
        replace(true);
        awaitAtWakeUp(address + ":80");
        replace(false);
        awaitAtWakeUp("NoReadyEndpoint");
        replace(true);
        awaitAtWakeUp(address + ":80");
        plane.client().resource(service).delete();
        awaitAtWakeUp("TargetNotFound");
    }

    @Test
    void aHeadlessServiceLeadsToItsEndpoint() throws InterruptedException {
        start();
        create(TestingServices.cluster("None", TestingServices.port("http", 80)));
        awaitAtWakeUp("NoReadyEndpoint");
        create(true);
        awaitAtWakeUp("192.0.2.1:8080");
    }

    /** The operator's own node may have none of the endpoints, and then the ClusterIP would lead nowhere from there. */
    @Test
    void aServiceForItsOwnNodeLeadsToAnEndpoint() throws InterruptedException {
        start(Cidr.parse("127.20.0.0/16"));
        create(new ServiceBuilder(TestingServices.cluster("", TestingServices.port("http", 80)))
                .editSpec()
                .withInternalTrafficPolicy("Local")
                .endSpec()
                .build());
        awaitAtWakeUp("NoReadyEndpoint");
        create(true);
        awaitAtWakeUp("192.0.2.1:8080");
    }

    @Test
    void aClusterAddressOnLoopbackIsRefusedUnlessItIsAllowed() throws InterruptedException {
        start();
        create(TestingServices.cluster("", TestingServices.port("http", 80)));
        awaitAtWakeUp("TargetRefused");
    }

    @Test
    void externalNamesAreRefused() throws InterruptedException {
        start();
        create(TestingServices.external("example.org"));
        awaitAtWakeUp("TargetRefused");
    }

    private void start(Cidr... allowed) {
        targets = new TargetResolver(
                new InformerFactory.Kubernetes(operator),
                new TargetResolver.Settings(Set.of(namespace), List.of(allowed), null, null),
                new Random(7));
        targets.start(subject -> seenAtWakeUp.add(resolved(subject)))
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        assertThat(targets.hasSynced()).isTrue();
    }

    private String resolved(Obstacle.Subject subject) {
        return switch (targets.resolve(subject.namespace(), subject.name(), new IntOrString("http"), null)) {
            case TargetResolution.Found(Target target) -> target.address().getHostAddress() + ":" + target.port();
            case TargetResolution.Missing(Obstacle obstacle) ->
                obstacle.reason().name();
        };
    }

    private void awaitAtWakeUp(String expected) throws InterruptedException {
        assertThat(seenAtWakeUp.poll(30, TimeUnit.SECONDS)).isEqualTo(expected);
    }

    private Service create(Service service) {
        return plane.client()
                .resource(new ServiceBuilder(service)
                        .editMetadata()
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    private void create(boolean ready) {
        plane.client().resource(slice(ready)).create();
    }

    private void replace(boolean ready) {
        plane.client().resource(slice(ready)).update();
    }

    private EndpointSlice slice(boolean ready) {
        return new EndpointSliceBuilder(TestingServices.slice("http", 8080, ready, "192.0.2.1"))
                .editMetadata()
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }
}
