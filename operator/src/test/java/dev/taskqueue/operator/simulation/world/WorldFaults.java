package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.SimulatedApiServer;
import dev.taskqueue.operator.simulation.apiserver.Snapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Does the faults that happen at a time, and not at a point: those of the API server, its data, the network, the workers, and chosen processes. */
final class WorldFaults {
    private static final int BACKUPS = 10;
    private static final List<String> KINDS = List.of(
            "Namespace",
            "Service",
            "EndpointSlice",
            "ServiceAccount",
            "Secret",
            "ConfigMap",
            "TaskQueue",
            "Task",
            "TaskBatch",
            "Lease");
    /** How long each way takes at most. */
    private static final Duration SLOWNESS = Duration.ofSeconds(3);
    /** How late watches are. */
    private static final Duration LATENESS = Duration.ofSeconds(20);

    private final Parts parts;
    private final RandomGenerator random;
    private final Consumer<Fact> facts;
    private final Deque<Snapshot> backups = new ArrayDeque<>();
    private final Map<Fault.Kind, Integer> counts = new EnumMap<>(Fault.Kind.class);
    private int numbered;

    /** What the faults act on. */
    record Parts(Network network, SimulatedApiServer server, Workers workers, OperatorHosts hosts) {}

    WorldFaults(Parts parts, RandomGenerator random, Consumer<Fact> facts) {
        this.parts = parts;
        this.random = random;
        this.facts = facts;
    }

    void backedUp(Snapshot now) {
        backups.addLast(now);
        if (backups.size() > BACKUPS) {
            backups.removeFirst();
        }
    }

    /** How often each kind has happened. */
    Map<Fault.Kind, Integer> counts() {
        return counts;
    }

    private Instant now() {
        return SimulatedProcess.START.plusNanos(parts.network.scheduler().now());
    }

    void begin(Fault fault) {
        counts.merge(fault.kind(), 1, Integer::sum);
        Network network = parts.network;
        switch (fault.kind()) {
            case Crash, Terminate, Freeze, Suspend, SetClock -> strike(fault);
            case Partition -> {
                SimulatedProcess process = parts.hosts.any();
                if (process != null) {
                    lasts(fault, "", () -> network.partition(process.name()), () -> network.heal(process.name()));
                }
            }
            case DelayWatches -> delayWatches(fault);
            case RestartApiServer -> lasts(fault, "", network::stopServer, network::startServer);
            case SlowApiServer -> {
                Duration slowness = SLOWNESS.dividedBy(random.nextInt(1, 7));
                lasts(fault, "", () -> network.slowDown(slowness), () -> network.slowDown(Duration.ZERO));
            }
            case RefuseWrites -> lasts(fault, "", () -> network.refuseWrites(true), () -> network.refuseWrites(false));
            case RefuseNamespace -> inOne(fault, network::refuseNamespace, network::allowNamespace);
            case ConflictNamespace -> inOne(fault, network::conflictIn, network::noConflictIn);
            case HangReads -> inOne(fault, network::hangReads, network::answerReads);
            case CompactHistory -> lasts(fault, "", parts.server::compact, () -> {});
            case RestoreBackup -> restore(fault);
            case StealLease -> stealLease(fault);
            case DeleteLease -> lasts(fault, "", () -> send("DELETE", OperatorHosts.LEASE, null), () -> {});
            case WorkersRefuse -> lasts(fault, "", () -> parts.workers.refuse(true), () -> parts.workers.refuse(false));
            case WorkersHang -> lasts(fault, "", () -> parts.workers.hang(true), () -> parts.workers.hang(false));
            default -> throw new IllegalArgumentException("happens at a point only: " + fault.kind());
        }
    }

    /** It concerns one namespace. */
    private void inOne(Fault fault, Consumer<String> begin, Consumer<String> end) {
        String namespace = random.nextBoolean() ? Deck.SHOP : Deck.BANK;
        lasts(fault, namespace, () -> begin.accept(namespace), () -> end.accept(namespace));
    }

    private void strike(Fault fault) {
        SimulatedProcess process = parts.hosts.any();
        if (process != null) {
            parts.hosts.strike(process, fault);
        }
    }

    /** It lasts until what is late has arrived. */
    private void delayWatches(Fault fault) {
        Network network = parts.network;
        Duration length = fault.length().plus(LATENESS);
        lasts(new Fault(fault.trigger(), fault.kind(), length), "", () -> network.delayWatches(LATENESS), () -> {});
        network.scheduler().after(fault.length(), () -> network.delayWatches(Duration.ZERO));
    }

    private void lasts(Fault fault, String namespace, Runnable begin, Runnable end) {
        String name = fault.kind() + "-" + ++numbered;
        facts.accept(new Fact.FaultBegan(now(), name, namespace));
        begin.run();
        parts.network.scheduler().after(fault.length(), () -> {
            end.run();
            facts.accept(new Fact.FaultEnded(now(), name));
        });
    }

    /** etcd is stopped, goes back to an earlier state, and the API servers start anew. */
    private void restore(Fault fault) {
        Snapshot backup = backups.isEmpty() ? null : List.copyOf(backups).get(random.nextInt(backups.size()));
        lasts(fault, "", parts.network::stopServer, () -> {
            if (backup != null) {
                goBack(backup, "restore-" + numbered);
            }
            parts.network.startServer();
        });
    }

    private void goBack(Snapshot backup, String name) {
        Map<String, Map<String, ObjectNode>> before = everything();
        facts.accept(new Fact.FaultBegan(now(), name, ""));
        parts.server.restore(backup);
        Map<String, Map<String, ObjectNode>> after = everything();
        before.forEach((kind, objects) -> objects.forEach((key, object) -> {
            ObjectNode restored = of(after, kind).get(key);
            if (restored == null) {
                stored(Fact.Change.Deleted, kind, object);
            } else if (!restored.equals(object)) {
                stored(Fact.Change.Changed, kind, restored);
            }
        }));
        after.forEach((kind, objects) -> objects.forEach((key, object) -> {
            if (!of(before, kind).containsKey(key)) {
                stored(Fact.Change.Created, kind, object);
            }
        }));
        facts.accept(new Fact.FaultEnded(now(), name));
    }

    private static Map<String, ObjectNode> of(Map<String, Map<String, ObjectNode>> all, String kind) {
        return all.getOrDefault(kind, Map.of());
    }

    private void stored(Fact.Change change, String kind, ObjectNode object) {
        facts.accept(new Fact.Stored(now(), PersonAction.USER, change, kind, object));
    }

    private Map<String, Map<String, ObjectNode>> everything() {
        var all = new LinkedHashMap<String, Map<String, ObjectNode>>();
        for (String kind : KINDS) {
            var objects = new LinkedHashMap<String, ObjectNode>();
            parts.server
                    .objects(kind)
                    .forEach(object ->
                            objects.put(object.path("metadata").path("uid").asText(), object));
            all.put(kind, objects);
        }
        return all;
    }

    /** Somebody else writes itself into the Lease, and gives it back. */
    private void stealLease(Fault fault) {
        lasts(fault, "", () -> hold("somebody-else"), () -> hold(""));
    }

    private void hold(String holder) {
        ApiAnswer answer = send("GET", OperatorHosts.LEASE, null);
        if (answer.code() != 200) {
            return;
        }
        try {
            ObjectNode lease = (ObjectNode) Trees.read(answer.body());
            ObjectNode spec = lease.withObject("/spec");
            if (holder.isEmpty()) {
                if (!spec.path("holderIdentity").asText().equals("somebody-else")) {
                    return;
                }
                spec.remove("holderIdentity");
            } else {
                spec.put("holderIdentity", holder);
            }
            spec.put("renewTime", now().plusNanos(1_000).toString());
            send("PUT", OperatorHosts.LEASE, lease);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private ApiAnswer send(String method, String path, @Nullable ObjectNode body) {
        return parts.server.handle(PersonAction.request(
                method, path, body == null ? "" : "application/json", body == null ? "" : body.toString()));
    }
}
