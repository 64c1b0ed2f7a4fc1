package dev.taskqueue.operator;

import dev.taskqueue.operator.engine.Clock;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.lease.Election;
import dev.taskqueue.operator.lease.LeaseFence;
import dev.taskqueue.operator.ops.Config;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether this process may act: always where it is alone, else while it holds the lease. */
sealed interface Leadership extends AutoCloseable {
    Fence fence();

    void start(Follower follower);

    /** Gives it back. */
    @Override
    void close();

    /**
     * What changes with it.
     *
     * @param warm whether all caches are filled, so that this process can lead
     * @param takeOver takes over what the former leader left; called again where it fails
     * @param opened called after the fence has opened, first or again
     * @param lost called when another one leads
     */
    record Follower(BooleanSupplier warm, TakeOver takeOver, Runnable opened, Runnable lost) {}

    /** Reads what the former leader left. */
    interface TakeOver {
        void run() throws IOException;
    }

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
        public void start(Follower follower) {}

        @Override
        public void close() {}
    }

    /** One of several leads. */
    final class Elected implements Leadership {
        private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
        private static final Duration PAUSE = Duration.ofMillis(100);

        private final Config config;
        private final io.fabric8.kubernetes.client.Config cluster;
        private final String holder;
        private final Clock clock;
        private final RandomGenerator random;
        private final LeaseFence fence;
        private @Nullable Election election;
        private volatile boolean closed;

        Elected(
                Config config,
                io.fabric8.kubernetes.client.Config cluster,
                String holder,
                Clock clock,
                RandomGenerator random) {
            this.config = config;
            this.cluster = cluster;
            this.holder = holder;
            this.clock = clock;
            this.random = random;
            this.fence = new LeaseFence(holder, config.renewDeadline(), clock);
        }

        @Override
        public Fence fence() {
            return fence;
        }

        @Override
        public void start(Follower follower) {
            election = Election.of(
                    cluster,
                    new Election.Terms(
                            Objects.requireNonNull(config.leaseNamespace(), "the settings have been checked"),
                            config.leaseName(),
                            holder,
                            config.leaseDuration(),
                            config.retryPeriod()),
                    fence,
                    clock,
                    new Election.Follower(
                            follower.warm(),
                            () -> Thread.ofVirtual().name("take-over").start(() -> takeOver(follower)),
                            follower.opened(),
                            follower.lost()),
                    random);
            election.start();
        }

        private void takeOver(Follower follower) {
            while (!closed) {
                try {
                    follower.takeOver().run();
                    fence.open();
                    follower.opened().run();
                    LOG.info("Leading as {}", holder);
                    return;
                } catch (IOException | RuntimeException failure) {
                    LOG.warn("What the former leader left is not known yet: {}", failure.toString());
                    pause();
                }
            }
        }

        private static void pause() {
            try {
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting", interrupt);
            }
        }

        @Override
        public void close() {
            closed = true;
            if (election != null) {
                election.close();
            }
        }
    }
}
