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
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;

/** Makes faults happen, one after the other. */
final class Faults {
    /** The API server takes no time of a Lease with fewer digits, which one of a thousand instants would have. */
    private static final DateTimeFormatter MICRO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** How long something that is measured has time for itself. */
    private static final Duration RECOVERY = Duration.ofSeconds(10);
    /** The standby takes over much earlier. */
    private static final Duration LONGEST = Duration.ofSeconds(12);

    private static final String STATUS = "/tasks/[^/]+/status";

    private final CampaignCluster cluster;
    private final People people;
    private final RecoveryTimes recovery;
    private final Random random;
    private final Pace pace;

    Faults(CampaignCluster cluster, People people, RecoveryTimes recovery, Random random) {
        this.cluster = cluster;
        this.people = people;
        this.recovery = recovery;
        this.random = random;
        this.pace = new Pace(cluster.deliveries, random);
    }

    /** Waits until the run has gone on a little after the last fault. */
    void pause() {
        pace.untilDelivered(40, 1.5);
    }

    /** Returns once the fault is over. What follows from it may take longer. */
    void happen(FaultKind kind) throws IOException, InterruptedException {
        recovery.faultBegins(Instant.now());
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
            case FREEZE_LEADER -> freezeUntilReplaced(leader);
            case FREEZE_LEADER_BRIEFLY -> freezeBriefly(leader);
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

    private void kill(OperatorReplica leader) {
        String process = leader.current();
        leader.kill();
        recovery.killed(Instant.now(), process);
        awaitRecovery(process);
    }

    private void terminate(OperatorReplica leader) {
        String process = leader.current();
        recovery.terminated(Instant.now(), process);
        leader.terminate();
        awaitRecovery(process);
    }

    /** The next fault must not disturb what is measured. */
    private void awaitRecovery(String process) {
        cluster.awaitLeaderAfter(process);
        pace.until(RECOVERY, () -> cluster.deliveries.hasOtherSender(process));
    }

    /** It wakes up soon after another process leads. */
    private void freezeUntilReplaced(OperatorReplica leader) {
        String process = leader.current();
        leader.freeze();
        cluster.awaitLeaderAfter(process);
        pace.untilDelivered(60, 4);
        leader.thaw();
    }

    private void freezeBriefly(OperatorReplica leader) {
        leader.freeze();
        pace.untilTime(1, 4);
        leader.thaw();
    }

    private void apiServerAway(Runnable stop, Runnable meanwhile) throws InterruptedException {
        during("ApiServerAway", "", () -> {
            stop.run();
            pace.untilTime(0, 3);
            meanwhile.run();
            pace.untilTime(0, 3);
            cluster.plane.startApiServer();
        });
        recovery.apiServerReady(Instant.now());
        int next = cluster.number.get();
        pace.until(RECOVERY, () -> cluster.deliveries.highest() >= next);
    }

    private void etcdAway() throws InterruptedException {
        during("EtcdAway", "", () -> {
            cluster.plane.killEtcd();
            pace.untilTime(0, 4);
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
            pace.untilDelivered(100, 4);
            rules.forEach(proxy::lift);
        });
    }

    private void slow(OperatorReplica replica) throws InterruptedException {
        during("SlowConnection", "", () -> {
            replica.proxy.delay(Duration.ofMillis(random.nextInt(50, 1500)));
            pace.untilDelivered(300, 6);
            replica.proxy.delay(Duration.ZERO);
        });
    }

    private void cut(OperatorReplica replica) throws InterruptedException {
        during("CutConnection", "", () -> {
            replica.proxy.leave();
            brieflyOrUntilReplaced(replica);
            replica.proxy.comeBack();
        });
    }

    private void stall(OperatorReplica replica) throws InterruptedException {
        during("StalledConnection", "", () -> {
            replica.proxy.stall();
            brieflyOrUntilReplaced(replica);
            replica.proxy.flow();
        });
    }

    /** A Lease lasts for 5 s: half of these faults are over by then, the others cost the leader its Lease. */
    private void brieflyOrUntilReplaced(OperatorReplica replica) {
        String process = replica.current();
        if (random.nextBoolean()) {
            pace.untilTime(1, 4);
        } else {
            pace.until(LONGEST, () -> cluster.hasLeaderAfter(process));
        }
    }

    private void stealLease() throws InterruptedException {
        during("LeaseStolen", "", () -> {
            editLease("thief");
            pace.untilTime(0, 3);
            editLease("");
        });
    }

    /** Without a resourceVersion: whoever steals it does not ask. */
    private void editLease(String holder) throws InterruptedException {
        String patch = "{\"spec\": {\"holderIdentity\": %s, \"renewTime\": \"%s\"}}"
                .formatted(holder.isEmpty() ? null : '"' + holder + '"', MICRO_TIME.format(Instant.now()));
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
            pace.untilDelivered(200, 7);
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
