package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.Environment;
import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.oracle.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The machines on which operators run. Each starts its operator again after the process has ended, as a kubelet does. A new process has a new name,
 * such as {@code op-a#2}, and knows nothing.
 */
final class OperatorHosts {
    private static final Duration GRACE = Duration.ofSeconds(30);
    /** SIGKILL follows SIGTERM after this. */
    private static final Duration KILLED_AFTER = GRACE.plusSeconds(5);

    private static final Duration RESTART = Duration.ofSeconds(1);
    private static final String LEASE_NAMESPACE = "taskqueue-system";
    static final String LEASE =
            "/apis/coordination.k8s.io/v1/namespaces/" + LEASE_NAMESPACE + "/leases/taskqueue-operator";

    private final Plan.Settings settings;
    private final Surroundings around;
    private final SplittableRandom random;
    private final Consumer<Fact> facts;
    private final BiConsumer<String, Throwable> uncaught;
    private final List<Host> hosts;

    /** The world around the operators. */
    record Surroundings(Scheduler scheduler, Network network, Workers workers, FaultInjector faults) {}

    OperatorHosts(
            Plan.Settings settings,
            Surroundings around,
            SplittableRandom random,
            Consumer<Fact> facts,
            BiConsumer<String, Throwable> uncaught) {
        this.settings = settings;
        this.around = around;
        this.random = random;
        this.facts = facts;
        this.uncaught = uncaught;
        this.hosts =
                settings.operators() == 1 ? List.of(new Host("op-a")) : List.of(new Host("op-a"), new Host("op-b"));
    }

    void start() {
        hosts.forEach(Host::start);
    }

    private Instant now() {
        return SimulatedProcess.START.plusNanos(around.scheduler().now());
    }

    /** The process on a host that is chosen at random; null if none runs there. */
    @Nullable SimulatedProcess any() {
        return hosts.get(random.nextInt(hosts.size())).process;
    }

    void strike(SimulatedProcess process, Fault fault) {
        for (Host host : hosts) {
            if (host.process == process) {
                host.strike(fault);
                return;
            }
        }
    }

    /** Reports what each process holds. */
    void reportSizes() {
        hosts.forEach(Host::reportSizes);
    }

    /** Passes on what happens to a process. It is made before the hosts. */
    static final class Strikes implements FaultInjector.ProcessFaults {
        @Nullable OperatorHosts hosts;

        @Override
        public void strike(SimulatedProcess process, Fault fault) {
            if (hosts != null) {
                hosts.strike(process, fault);
            }
        }
    }

    private Config config() {
        return new Config(
                settings.namespaces(),
                0,
                false,
                settings.operators() > 1,
                LEASE_NAMESPACE,
                "taskqueue-operator",
                settings.leaseDuration(),
                List.of(),
                Duration.ofDays(30),
                1_000,
                1_000,
                2_000,
                Duration.ofMinutes(30),
                GRACE,
                2_000,
                false,
                "",
                "");
    }

    private final class Host {
        private final String name;
        private final long drift;
        private int processes;
        private Duration wallOffset = Duration.ZERO;
        private @Nullable SimulatedProcess process;
        private @Nullable TaskQueueOperator operator;

        Host(String name) {
            this.name = name;
            this.drift = settings.drift() == 0 ? 0 : random.nextInt(-settings.drift(), settings.drift());
        }

        void start() {
            processes++;
            var started = new SimulatedProcess(name + "#" + processes, around.scheduler(), drift, uncaught);
            started.setClock(wallOffset);
            process = started;
            operator = null;
            facts.accept(new Fact.Started(now(), started.name()));
            if (!wallOffset.isZero()) {
                facts.accept(new Fact.ClockSet(now(), started.name(), wallOffset));
            }
            started.threads().execute(() -> run(started));
        }

        private void run(SimulatedProcess started) {
            var environment = new Environment(
                    started.clocks(),
                    new Environment.Threads(started.threads(), started.threads().factory(), started.threads()),
                    threads -> new SimulatedAlarm(started, around.faults()),
                    random.split(),
                    () -> ended(started, Fact.End.LostLease, RESTART));
            var cluster = new SimulatedCluster(
                    started, around.network(), around.workers(), around.faults(), settings.namespaces());
            var built = new TaskQueueOperator(config(), cluster, environment);
            operator = built;
            built.start();
        }

        void strike(Fault fault) {
            SimulatedProcess struck = process;
            if (struck == null || !struck.isRunning()) {
                return;
            }
            switch (fault.kind()) {
                case Crash -> ended(struck, Fact.End.Crashed, fault.length());
                case Terminate -> terminate(struck, fault.length());
                case Freeze, Suspend -> freeze(struck, fault);
                case SetClock -> setClock(struck, fault);
                default -> throw new IllegalArgumentException("no fault of a process: " + fault.kind());
            }
        }

        private void freeze(SimulatedProcess struck, Fault fault) {
            facts.accept(new Fact.Frozen(now(), struck.name()));
            around.scheduler().after(fault.length(), () -> {
                if (!struck.isEnded()) {
                    facts.accept(new Fact.Thawed(now(), struck.name()));
                    struck.thaw();
                }
            });
            struck.freeze(fault.kind() == Fault.Kind.Suspend);
        }

        /** The clock is set, and set right again after a while. */
        private void setClock(SimulatedProcess struck, Fault fault) {
            boolean forward = random.nextBoolean();
            Duration by = forward ? fault.length() : fault.length().negated();
            moveClock(struck, by);
            around.scheduler().after(fault.length(), () -> moveClock(struck, Duration.ZERO));
        }

        private void moveClock(SimulatedProcess struck, Duration offset) {
            wallOffset = offset;
            if (!struck.isEnded()) {
                struck.setClock(offset);
                facts.accept(new Fact.ClockSet(now(), struck.name(), offset));
            }
        }

        private void terminate(SimulatedProcess struck, Duration away) {
            facts.accept(new Fact.Stopping(now(), struck.name()));
            TaskQueueOperator running = operator;
            if (running == null) {
                ended(struck, Fact.End.Crashed, away);
                return;
            }
            struck.threads().execute(() -> {
                running.close();
                ended(struck, Fact.End.Stopped, away);
            });
            around.scheduler().after(KILLED_AFTER, () -> ended(struck, Fact.End.Crashed, away));
        }

        /** The process is gone, and a new one starts after a while. */
        private void ended(SimulatedProcess gone, Fact.End how, Duration away) {
            if (gone.isEnded()) {
                return;
            }
            facts.accept(new Fact.Ended(now(), gone.name(), how));
            operator = null;
            around.scheduler().after(away.plus(RESTART), this::start);
            gone.end();
        }

        void reportSizes() {
            SimulatedProcess running = process;
            TaskQueueOperator measured = operator;
            if (running == null || measured == null || !running.isRunning()) {
                return;
            }
            var sizes = new TreeMap<String, Long>();
            for (SharedPool pool : measured.pools()) {
                if (!pool.name().equals("tokens")) {
                    sizes.put("pool:" + pool.name(), pool.used());
                }
            }
            sizes.putAll(MemoryCensus.of(measured));
            facts.accept(new Fact.Holds(now(), running.name(), sizes));
        }
    }
}
