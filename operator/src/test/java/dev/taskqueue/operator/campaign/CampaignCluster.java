package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.faults.FaultProxy;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorAccount;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RevocableAccount;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The processes of a campaign, and two namespaces with the same queues. The operators have the rights that the chart gives them. */
final class CampaignCluster implements AutoCloseable {
    /** How long an operator may take to stop. */
    static final Duration GRACE = Duration.ofSeconds(30);

    /** Generous, because a slow machine shows nothing about the operators. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** The Role of a namespace that a fault takes away. */
    static final String ROLE = "taskqueue";

    private static final List<String> ROLES = List.of(ROLE, "taskqueue-tokens", "taskqueue-sources");

    private final ScratchFile scratch = new ScratchFile();
    final FactLog facts = new FactLog(scratch);
    final WriteLog writes = new WriteLog();
    final TaskStates states = new TaskStates();
    /** The number of the Task that is created next. */
    final AtomicInteger number = new AtomicInteger();

    final ControlPlane plane = ControlPlane.startOwn("--storage-media-type=application/json");
    final StoredVersions stored = new StoredVersions(plane.etcdUrl(), states, scratch);
    final TestCluster home = new TestCluster(plane);
    final TestCluster neighbour = new TestCluster(plane);
    final RevocableAccount account = RevocableAccount.create(home);
    final List<OperatorReplica> replicas;
    final WorkerLog deliveries;
    private final KubernetesClient people;

    CampaignCluster(RecordingWorker.Script script) {
        account.bind(home, "taskqueue-lease");
        deliveries = new WorkerLog(facts, new ConnectionOwners(this::processes), this::ahead);
        for (TestCluster cluster : namespaces()) {
            ROLES.forEach(role -> account.bind(cluster, role));
            RecordingWorker worker = cluster.worker("worker");
            worker.script(script);
            worker.observe(deliveries);
            plane.createServiceAccount(cluster.namespace(), OperatorAccount.CALLER);
            cluster.create(
                    "{apiVersion: v1, kind: Secret, metadata: {name: sources}, stringData: {body: from a Secret}}");
            CampaignQueue.create(cluster);
        }
        people = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(plane.client().getConfiguration())
                        .withRequestRetryBackoffLimit(0)
                        .withRequestTimeout(10_000)
                        .build())
                .build();
        replicas = List.of(replica("op-a"), replica("op-b"));
    }

    private OperatorReplica replica(String name) {
        try {
            var proxy = new FaultProxy(ControlPlane.config(plane.kubeconfig(home.namespace(), account.name())));
            return new OperatorReplica(name, proxy, environment(), facts, writes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, String> environment() {
        var environment = new HashMap<>(home.environment(
                "NAMESPACES=" + home.namespace() + "," + neighbour.namespace(),
                "LEADER_ELECTION=true",
                "LEASE_NAMESPACE=" + home.namespace(),
                "LEASE_NAME=" + TestCluster.LEASE,
                "LEASE_DURATION=" + TestCluster.LEASE_DURATION,
                "SHUTDOWN_GRACE=" + GRACE.toSeconds() + "s"));
        environment.put(
                "JAVA_TOOL_OPTIONS", "-Xmx256m -XX:+ExitOnOutOfMemoryError " + System.getProperty("campaign.jvm", ""));
        return environment;
    }

    List<TestCluster> namespaces() {
        return List.of(home, neighbour);
    }

    /** A client that repeats nothing by itself. */
    KubernetesClient people() {
        return people;
    }

    /** The names of the operators that run, by their process ids. */
    private Map<Long, String> processes() {
        var processes = new HashMap<Long, String>();
        for (OperatorReplica replica : replicas) {
            Long pid = replica.pid();
            if (pid != null) {
                processes.put(pid, replica.current());
            }
        }
        return processes;
    }

    private Duration ahead(String process, Instant at) {
        return replicas.stream()
                .filter(replica -> process.startsWith(replica.name() + "#"))
                .map(replica -> replica.ahead(at))
                .findFirst()
                .orElse(Duration.ZERO);
    }

    /** The operator that has the Lease; null if none of the two has it, or if the API server does not answer. */
    @Nullable OperatorReplica leader() {
        try {
            var lease = people.leases()
                    .inNamespace(home.namespace())
                    .withName(TestCluster.LEASE)
                    .get();
            String holder = lease == null
                    ? ""
                    : Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), "");
            return replicas.stream()
                    .filter(replica -> holder.startsWith(replica.current() + "_") && replica.pid() != null)
                    .findFirst()
                    .orElse(null);
        } catch (RuntimeException away) {
            return null;
        }
    }

    /** The other one of the two. */
    OperatorReplica other(OperatorReplica replica) {
        return replicas.get(replica == replicas.getFirst() ? 1 : 0);
    }

    /** Waits until one operator leads and the other one is its standby. */
    void settle() {
        Awaitility.await("a leader and a standby")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> leader() != null && replicas.stream().allMatch(OperatorReplica::isReady));
    }

    /** Waits until one operator leads. */
    void awaitLeader() {
        Awaitility.await("a leader")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> leader() != null);
    }

    /** Waits until another process leads than this one. */
    void awaitLeaderAfter(String process) {
        Awaitility.await("another leader")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> hasLeaderAfter(process));
    }

    /** Whether another process leads than this one. */
    boolean hasLeaderAfter(String process) {
        OperatorReplica leader = leader();
        return leader != null && !leader.current().equals(process);
    }

    @Override
    public void close() {
        replicas.forEach(OperatorReplica::close);
        try {
            for (OperatorReplica replica : replicas) {
                replica.proxy.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        stored.close();
        people.close();
        neighbour.close();
        home.close();
        plane.close();
        scratch.close();
    }
}
