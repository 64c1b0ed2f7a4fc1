package dev.taskqueue.operator.kube;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this machine's wall clock with that of the API server, by the dates of the API server's answers. Creation times of objects are by the API
 * server's clock, and schedule times are compared with this machine's. Thread-safe.
 */
final class ServerClock {
    private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);

    /** Clocks that differ by less count as equal: a date has whole seconds, and NTP keeps clocks much closer. */
    private static final Duration TOLERANCE = Duration.ofSeconds(5);
    /** An answer that took longer says too little. */
    private static final long LONGEST_MILLIS = 2_000;
    /** Answers within this time are not looked at. */
    private static final long INTERVAL_MILLIS = 1_000;
    /** A date has whole seconds: on average it is earlier by this much. */
    private static final long HALF_A_SECOND_MILLIS = 500;

    private final InstantSource wall;
    private volatile Duration ahead = Duration.ZERO;
    private volatile long lookedAt;

    /** @param wall the clock of this machine */
    ServerClock(InstantSource wall) {
        this.wall = wall;
    }

    /** How far this machine's clock is ahead of the API server's; negative if it is behind, zero if they differ by less than 5 s. */
    Duration ahead() {
        return ahead;
    }

    /** The time of this machine, in epoch milliseconds. */
    long millis() {
        return wall.millis();
    }

    /**
     * Looks at an answer that has just begun to arrive.
     *
     * @param sent the time of this machine when its request was sent, in epoch milliseconds
     */
    void look(ApiTransport.Answer answer, long sent) {
        long received = millis();
        if (Math.abs(received - lookedAt) >= INTERVAL_MILLIS) {
            lookedAt = received;
            look(answer.date().orElse(null), sent, received);
        }
    }

    void look(@Nullable Instant date, long sent, long received) {
        // A negative time means that somebody has set the clock in between.
        if (date == null || received - sent > LONGEST_MILLIS || received < sent) {
            return;
        }
        long middle = sent + (received - sent) / 2;
        apply(Duration.ofMillis(middle - date.toEpochMilli() - HALF_A_SECOND_MILLIS));
    }

    private void apply(Duration measured) {
        Duration before = ahead;
        Duration now = measured.abs().compareTo(TOLERANCE) < 0 ? Duration.ZERO : measured;
        ahead = now;
        if (now.isZero() && !before.isZero()) {
            LOG.info("The clock of this machine and that of the API server agree again");
        } else if (now.minus(before).abs().compareTo(TOLERANCE) >= 0) {
            LOG.warn(
                    "The clock of this machine is {} s {} that of the API server. scheduleTime, expireTime and hold-until are compared"
                            + " with the clock of this machine, so correct it, or that of the API server",
                    now.abs().toSeconds(),
                    now.isNegative() ? "behind" : "ahead of");
        }
    }
}
