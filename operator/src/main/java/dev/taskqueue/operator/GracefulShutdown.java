package dev.taskqueue.operator;

import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Fence;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the attempts in flight within the grace period. It waits for their outcomes, writes claims for what takes longer, and then gives the Lease
 * back, so that the next leader starts early and leaves the claimed Tasks alone.
 */
final class GracefulShutdown {
    private static final Logger LOG = LoggerFactory.getLogger(GracefulShutdown.class);
    private static final Duration DRAIN_PAUSE = Duration.ofMillis(10);
    private static final Duration CLAIM_AFTER = Duration.ofSeconds(1);
    private static final Duration CLAIM_PAUSE = Duration.ofMillis(50);

    private final Engine engine;
    private final TaskFeed feed;
    private final Fence fence;
    private final Environment environment;

    /** @param fence the fence of the Lease */
    GracefulShutdown(Engine engine, TaskFeed feed, Fence fence, Environment environment) {
        this.engine = engine;
        this.feed = feed;
        this.fence = fence;
        this.environment = environment;
    }

    /** Returns when every attempt has an outcome, or the grace period has ended. */
    void run(Duration grace, Runnable giveLeaseBack) {
        engine.stop();
        long end = nanos() + grace.toNanos();
        if (!drainedBy(Math.min(end, nanos() + CLAIM_AFTER.toNanos()))) {
            awaitClaims(end);
        }
        giveUp(end);
        giveLeaseBack.run();
        if (!drainedBy(end)) {
            LOG.warn("{} attempts are left without an outcome", unfinished());
        }
    }

    /**
     * Writes a claim for each attempt in flight. Until all have one, the Lease is kept and renewed: after giving it back, the outcome of an
     * attempt without a claim could not be written.
     */
    private void awaitClaims(long end) {
        while (unfinished() > 0 && nanos() - end < 0) {
            boolean areClaimed = fence.isOpen() && feed.claim(engine.inFlight());
            // Outcomes of items have no claim; they are written before the Lease is given back.
            if (areClaimed && feed.unwrittenItems() == 0) {
                return;
            }
            environment.threads().sleeper().pause(CLAIM_PAUSE);
        }
    }

    /** Outcomes whose writes were refused are lost with this process. While it leads, it saves what it can. */
    private void giveUp(long end) {
        try {
            environment
                    .threads()
                    .attempts()
                    .invokeAll(engine.unwrittenSaves(), Math.max(0, end - nanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupt) {
            throw new IllegalStateException("interrupted while waiting", interrupt);
        }
    }

    private boolean drainedBy(long end) {
        while (unfinished() > 0 && nanos() - end < 0) {
            environment.threads().sleeper().pause(DRAIN_PAUSE);
        }
        return unfinished() == 0;
    }

    /** Attempts in flight, and outcomes that are not written. */
    private int unfinished() {
        return engine.unfinishedAttempts() + feed.unwrittenItems();
    }

    private long nanos() {
        return environment.clock().monotonic().getAsLong();
    }
}
