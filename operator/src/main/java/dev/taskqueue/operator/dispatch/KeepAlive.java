package dev.taskqueue.operator.dispatch;

import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import okhttp3.Connection;

/** Decides whether an open connection may serve another request. */
final class KeepAlive {
    private static final double JITTER = 0.2;

    private final ConnectionLimits limits;
    private final LongSupplier monotonic;
    private final RandomGenerator random;

    /**
     * Makes the rule for all connections of one pool.
     *
     * @param monotonic nanoseconds that never jump
     * @param random spreads the ends of connections; called on any thread
     */
    KeepAlive(ConnectionLimits limits, LongSupplier monotonic, RandomGenerator random) {
        this.limits = limits;
        this.monotonic = monotonic;
        this.random = random;
    }

    /** The Dns of a request. If the request opens a connection, its age counts from now. */
    FixedDns dns(OutboundRequest.Target target) {
        double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
        return new FixedDns(target, monotonic.getAsLong() + (long) (limits.age().toNanos() * factor));
    }

    boolean allowsAnother(Connection connection, OutboundRequest.Target target) {
        FixedDns opened = FixedDns.of(connection);
        return opened.requests() < limits.requests() && opened.isFresh(target, monotonic.getAsLong());
    }
}
