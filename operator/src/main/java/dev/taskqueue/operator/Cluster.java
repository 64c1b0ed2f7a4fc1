package dev.taskqueue.operator;

import dev.taskqueue.operator.dispatch.RequestSender;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.kube.RequestListener;
import dev.taskqueue.operator.lease.LeaseStore;
import dev.taskqueue.operator.lease.LeaseTerms;
import dev.taskqueue.operator.reconcile.QueueStatusStore;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import dev.taskqueue.operator.targets.InformerFactory;
import dev.taskqueue.operator.targets.TokenSource;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Port: the cluster as one operator reaches it, which is its API server and its workers. {@link KubernetesCluster} is a real one; the simulation has
 * another.
 */
public interface Cluster extends AutoCloseable {
    /** Reports all requests to the API server from now on. A cluster without a network has none to report. */
    default void reportRequests(RequestListener listener) {}

    /**
     * Waits until the API server answers and serves our kinds.
     *
     * @param waitsFor called with the present problem again and again, and with an empty text at the end
     */
    void awaitApiServer(Consumer<String> waitsFor);

    /** Warns in the log of namespaces that do not exist. */
    void warnOfMissing(Collection<String> namespaces);

    ApiTransport transport();

    /** The clock of this machine, to be compared with that of the API server. Tests move the clock of the operator, and not this one. */
    InstantSource machineClock();

    /** Asks with a GET whether the API server refuses a request. */
    RequestProbe probe();

    LeaseStore lease(LeaseTerms terms);

    TokenSource tokens();

    InformerFactory informers();

    /**
     * What calls the reconciler. It is not started yet.
     *
     * @param namespaces empty = all
     */
    QueueController queues(TaskQueueReconciler reconciler, Set<String> namespaces);

    QueueStatusStore queueStatuses();

    /**
     * Makes the connections to the workers.
     *
     * @param fence asked right before the first byte of a request leaves
     */
    RequestSender workers(Clocks clock, Fence fence, RandomGenerator random);

    @Override
    void close();

    /** Sends a GET that changes nothing. */
    interface RequestProbe {
        /** The status code of the answer; 0 or less without an answer. */
        int code(String path);
    }
}
