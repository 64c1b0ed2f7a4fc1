package dev.taskqueue.operator;

import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.FieldOwner;
import dev.taskqueue.operator.lease.LeaderCallbacks;
import dev.taskqueue.operator.lease.LeaderElector;
import dev.taskqueue.operator.lease.LeaseFence;
import dev.taskqueue.operator.lease.LeaseTerms;
import dev.taskqueue.operator.ops.Config;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Whether this process may act: always when it is alone, else while it holds the Lease. */
sealed interface Leadership {
    /** The name of a holder stands in the status of claims, where it has at most 253 characters. The random part needs the rest. */
    int LONGEST_HOST = 200;

    /** Open while this process may act. */
    Fence fence();

    /** The name of this operator in what it writes. */
    FieldOwner fieldOwner();

    /** Takes part in the election from now on. Closing the result gives the Lease back. */
    Participation start(LeaderCallbacks callbacks);

    /** A running election, as seen by one process. */
    interface Participation extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Names this process, and no other process that ever was. The name is the Pod's name with a random part, since a container may be restarted in
     * its Pod.
     */
    static String newHolder(RandomGenerator random) {
        String host = Objects.requireNonNullElse(System.getenv("HOSTNAME"), "operator");
        var part = new UUID(random.nextLong(), random.nextLong());
        return host.substring(0, Math.min(host.length(), LONGEST_HOST)) + "_" + part;
    }

    /** No other process runs. */
    record Alone() implements Leadership {
        @Override
        public Fence fence() {
            return () -> true;
        }

        @Override
        public FieldOwner fieldOwner() {
            return FieldOwner.ALONE;
        }

        @Override
        public Participation start(LeaderCallbacks callbacks) {
            return () -> {};
        }
    }

    /**
     * One of several processes is elected.
     *
     * @param cluster has the Lease
     * @param environment its random numbers spread the attempts of several processes to take a Lease
     */
    record Elected(Cluster cluster, LeaseTerms terms, LeaseFence fence, Environment environment) implements Leadership {
        static Elected of(Config config, Cluster cluster, String holder, Environment environment) {
            var terms = new LeaseTerms(
                    Objects.requireNonNull(config.leaseNamespace(), "the settings have been checked"),
                    config.leaseName(),
                    holder,
                    config.leaseDuration(),
                    config.retryPeriod());
            return new Elected(
                    cluster, terms, new LeaseFence(holder, config.renewDeadline(), environment.clock()), environment);
        }

        @Override
        public FieldOwner fieldOwner() {
            return FieldOwner.ofLease(terms.namespace(), terms.name());
        }

        @Override
        public Participation start(LeaderCallbacks callbacks) {
            Environment.Threads threads = environment.threads();
            LeaderElector elector = LeaderElector.of(
                    cluster.lease(terms),
                    terms,
                    fence,
                    new LeaderElector.Waits(environment.clock(), threads.sleeper(), environment.random()),
                    callbacks);
            elector.start(threads.loops());
            return elector::close;
        }
    }
}
