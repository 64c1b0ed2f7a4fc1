package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.Cluster;
import dev.taskqueue.operator.QueueController;
import dev.taskqueue.operator.dispatch.RequestSender;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.ApiRequest;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.lease.LeaseStore;
import dev.taskqueue.operator.lease.LeaseTerms;
import dev.taskqueue.operator.reconcile.QueueStatusStore;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import dev.taskqueue.operator.targets.InformerFactory;
import dev.taskqueue.operator.targets.TokenSource;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The simulated cluster, as one process reaches it. */
final class SimulatedCluster implements Cluster {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final SimulatedProcess process;
    private final SimulatedTransport transport;
    private final Workers workers;
    private final FaultInjector faults;
    private final SimulatedQueueController queues;

    SimulatedCluster(
            SimulatedProcess process, Network network, Workers workers, FaultInjector faults, Set<String> namespaces) {
        this.process = process;
        this.workers = workers;
        this.faults = faults;
        this.transport = new SimulatedTransport(process, network, faults);
        this.queues = new SimulatedQueueController(process, transport, namespaces, process.threads()::report);
    }

    /** Every simulated API server serves our kinds. */
    @Override
    public void awaitApiServer(Consumer<String> waitsFor) {
        waitsFor.accept("");
    }

    @Override
    public void warnOfMissing(Collection<String> namespaces) {}

    @Override
    public ApiTransport transport() {
        return transport;
    }

    @Override
    public InstantSource machineClock() {
        return process::wall;
    }

    @Override
    public RequestProbe probe() {
        return path -> {
            try (ApiTransport.Answer answer = transport.send(ApiRequest.get(path.substring(1)), TIMEOUT)) {
                return answer.code();
            } catch (IOException lost) {
                return 0;
            }
        };
    }

    @Override
    public LeaseStore lease(LeaseTerms terms) {
        return new SimulatedLease(transport, process.threads().factory(), terms);
    }

    @Override
    public TokenSource tokens() {
        return new SimulatedTokens(transport);
    }

    @Override
    public InformerFactory informers() {
        return new SimulatedInformers(process, transport);
    }

    @Override
    public QueueController queues(TaskQueueReconciler reconciler, Set<String> namespaces) {
        return queues.calling(reconciler);
    }

    @Override
    public QueueStatusStore queueStatuses() {
        return queues;
    }

    @Override
    public RequestSender workers(Clocks clock, Fence fence, RandomGenerator random) {
        return new SimulatedSender(process, workers, fence, faults);
    }

    @Override
    public void close() {}
}
