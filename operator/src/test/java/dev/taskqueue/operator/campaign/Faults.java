package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.faults.Fault;
import dev.taskqueue.operator.faults.FaultProxy;
import dev.taskqueue.operator.faults.FaultRule;
import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;

/** Makes faults happen, one after the other. */
final class Faults {
    private static final String STATUS = "/tasks/[^/]+/status";

    private final CampaignCluster cluster;
    private final People people;
    private final RecoveryTimes recovery;
    private final Random random;

    Faults(CampaignCluster cluster, People people, RecoveryTimes recovery, Random random) {
        this.cluster = cluster;
        this.people = people;
        this.recovery = recovery;
        this.random = random;
    }

    /** Returns once the fault is over. What follows from it may take longer. */
    void happen(FaultKind kind) throws IOException, InterruptedException {
        OperatorReplica leader = cluster.leader();
        if (leader == null) {
            leader = cluster.replicas.getFirst();
        }
        switch (kind) {
            case KILL_LEADER -> kill(leader);
            case KILL_STANDBY -> cluster.other(leader).kill();
            case KILL_BOTH -> {
                leader.kill();
                cluster.other(leader).kill();
            }
            case TERMINATE_LEADER -> terminate(leader);
            case FREEZE_LEADER -> freeze(leader, seconds(6, 11));
            case FREEZE_LEADER_BRIEFLY -> freeze(leader, seconds(1, 4));
            case KILL_API_SERVER -> apiServerAway(cluster.plane::killApiServer, () -> {});
            case STOP_API_SERVER -> apiServerAway(cluster.plane::stopApiServer, () -> {});
            case KILL_LEADER_WHILE_API_SERVER_IS_AWAY -> apiServerAway(cluster.plane::killApiServer, leader::kill);
            case KILL_ETCD -> etcdAway();
            case DROP_REQUESTS -> meet(leader, new Fault.DropBefore());
            case DROP_ANSWERS -> meet(leader, new Fault.DropAfter());
            case REFUSE_WRITES ->
                meet(leader, new Fault.Answer(List.of(409, 429, 500, 503).get(random.nextInt(4)), 0));
            case SLOW_CONNECTION -> slow(leader);
            case CUT_CONNECTION -> cut(leader);
            case STALL_CONNECTION -> stall(leader);
            case CUT_WATCHES -> leader.proxy.cutWatches(random.nextBoolean() ? "/tasks" : "");
            case STEAL_LEASE -> stealLease();
            case DELETE_LEASE -> deleteLease();
            case CLOCK_BACK -> leader.step(leader.ahead().minusSeconds(random.nextInt(5, 60)));
            case CLOCK_FORWARD -> leader.step(leader.ahead().plusSeconds(random.nextInt(5, 60)));
            case REMOVE_ROLE -> removeRole();
        }
    }

    private Duration seconds(int from, int to) {
        return Duration.ofMillis(random.nextInt(from * 1000, to * 1000));
    }

    private void kill(OperatorReplica leader) {
        String process = leader.current();
        leader.kill();
        recovery.killed(Instant.now(), process);
        cluster.awaitLeaderAfter(process);
    }

    private void terminate(OperatorReplica leader) {
        String process = leader.current();
        recovery.terminated(Instant.now(), process);
        leader.terminate();
        cluster.awaitLeaderAfter(process);
    }

    private void freeze(OperatorReplica leader, Duration length) throws InterruptedException {
        leader.freeze();
        Thread.sleep(length);
        leader.thaw();
    }

    private void apiServerAway(Runnable stop, Runnable meanwhile) throws InterruptedException {
        during("ApiServerAway", "", () -> {
            stop.run();
            Thread.sleep(seconds(0, 4));
            meanwhile.run();
            Thread.sleep(seconds(0, 4));
            cluster.plane.startApiServer();
            recovery.apiServerReady(Instant.now());
        });
    }

    private void etcdAway() throws InterruptedException {
        during("EtcdAway", "", () -> {
            cluster.plane.killEtcd();
            Thread.sleep(seconds(0, 5));
            cluster.plane.startEtcd();
        });
    }

    private void meet(OperatorReplica replica, Fault fault) throws InterruptedException {
        FaultProxy proxy = replica.proxy;
        int times = random.nextInt(1, 20);
        during(fault.getClass().getSimpleName(), "", () -> {
            List<FaultRule> rules = List.of(
                    proxy.next(times, "PATCH", STATUS, fault),
                    proxy.next(times, "DELETE", "/tasks/", fault),
                    proxy.next(times, "POST", "/tasks", fault));
            Thread.sleep(seconds(1, 4));
            rules.forEach(proxy::lift);
        });
    }

    private void slow(OperatorReplica replica) throws InterruptedException {
        during("SlowConnection", "", () -> {
            replica.proxy.delay(Duration.ofMillis(random.nextInt(50, 1500)));
            Thread.sleep(seconds(3, 7));
            replica.proxy.delay(Duration.ZERO);
        });
    }

    private void cut(OperatorReplica replica) throws InterruptedException {
        during("CutConnection", "", () -> {
            replica.proxy.leave();
            Thread.sleep(seconds(1, 9));
            replica.proxy.comeBack();
        });
    }

    private void stall(OperatorReplica replica) throws InterruptedException {
        during("StalledConnection", "", () -> {
            replica.proxy.stall();
            Thread.sleep(seconds(1, 9));
            replica.proxy.flow();
        });
    }

    private void stealLease() throws InterruptedException {
        during("LeaseStolen", "", () -> {
            editLease("thief");
            Thread.sleep(seconds(0, 3));
            editLease("");
        });
    }

    /** Without a resourceVersion: whoever steals it does not ask. */
    private void editLease(String holder) throws InterruptedException {
        String patch = "{\"spec\": {\"holderIdentity\": %s, \"renewTime\": \"%s\"}}"
                .formatted(
                        holder.isEmpty() ? null : '"' + holder + '"',
                        Instant.now().truncatedTo(ChronoUnit.MICROS));
        people.insist(() -> lease().patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    private void deleteLease() throws InterruptedException {
        people.insist(() -> lease().delete());
    }

    private Resource<Lease> lease() {
        return cluster.people().leases().inNamespace(cluster.home.namespace()).withName(TestCluster.LEASE);
    }

    private void removeRole() throws InterruptedException {
        TestCluster of = cluster.neighbour;
        during("RoleRemoved", of.namespace(), () -> {
            people.insist(() -> cluster.account.unbind(of, CampaignCluster.ROLE));
            Thread.sleep(seconds(2, 8));
            people.insist(() -> cluster.account.bind(of, CampaignCluster.ROLE));
        });
    }

    private interface Step {
        void run() throws InterruptedException, IOException;
    }

    /** The same fault may happen again, so each has a number. */
    private void during(String name, String namespace, Step step) throws InterruptedException {
        String fault = name + "-" + random.nextInt(1_000_000);
        cluster.facts.add(new Fact.FaultBegan(Instant.now(), fault, namespace));
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            cluster.facts.add(new Fact.FaultEnded(Instant.now(), fault));
        }
    }
}
