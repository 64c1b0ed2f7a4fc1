package dev.taskqueue.operator;

import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.lease.LeaderCallbacks;
import dev.taskqueue.operator.lease.LeaderElector;
import dev.taskqueue.operator.lease.LeaseFence;
import dev.taskqueue.operator.ops.Config;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Whether this process may act: always where it is alone, else while it holds the lease. */
sealed interface Leadership extends AutoCloseable {
    Fence fence();

    void start(LeaderCallbacks callbacks);

    /** What the former leader left is known: the fence may open. */
    void tookOver();

    /** Gives it back. */
    @Override
    void close();

    /** With the random part it is a holder of a claim in status, which has 253 characters. */
    int LONGEST_HOST = 200;

    /** Names this process, and no other one that ever was: the Pod's name, and a random part, since a container may start again in its Pod. */
    static String newHolder() {
        String host = Objects.requireNonNullElse(System.getenv("HOSTNAME"), "operator");
        return host.substring(0, Math.min(host.length(), LONGEST_HOST)) + "_" + UUID.randomUUID();
    }

    /** No other process runs. */
    record Alone() implements Leadership {
        @Override
        public Fence fence() {
            return () -> true;
        }

        @Override
        public void start(LeaderCallbacks callbacks) {}

        @Override
        public void tookOver() {}

        @Override
        public void close() {}
    }

    /** One of several leads. */
    final class Elected implements Leadership {
        private final io.fabric8.kubernetes.client.Config cluster;
        private final LeaderElector.Terms terms;
        private final Clocks clock;
        private final RandomGenerator random;
        private final LeaseFence fence;
        private volatile @Nullable LeaderElector elector;

        Elected(
                Config config,
                io.fabric8.kubernetes.client.Config cluster,
                String holder,
                Clocks clock,
                RandomGenerator random) {
            this.cluster = cluster;
            this.terms = new LeaderElector.Terms(
                    Objects.requireNonNull(config.leaseNamespace(), "the settings have been checked"),
                    config.leaseName(),
                    holder,
                    config.leaseDuration(),
                    config.retryPeriod());
            this.clock = clock;
            this.random = random;
            this.fence = new LeaseFence(holder, config.renewDeadline(), clock);
        }

        @Override
        public Fence fence() {
            return fence;
        }

        @Override
        public void start(LeaderCallbacks callbacks) {
            LeaderElector begun = LeaderElector.of(cluster, terms, fence, clock, callbacks, random);
            elector = begun;
            begun.start();
        }

        @Override
        public void tookOver() {
            Objects.requireNonNull(elector, "only who was elected takes over").tookOver();
        }

        @Override
        public void close() {
            LeaderElector begun = elector;
            if (begun != null) {
                begun.close();
            }
        }
    }
}
