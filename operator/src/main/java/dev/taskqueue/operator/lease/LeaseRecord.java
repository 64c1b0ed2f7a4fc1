package dev.taskqueue.operator.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Lease as it is on the API server, or as it is to be written.
 *
 * @param version its resourceVersion; 0 for a Lease that is to be created
 * @param holder empty = nobody
 * @param duration how long each renewal lasts, as its holder wrote; zero = not written
 * @param transitions how often the holder has changed
 * @param acquiredAt when the holder took it; null = not written
 * @param renewedAt when the holder last renewed it, by the holder's clock, so only for people to read; null = not written
 */
public record LeaseRecord(
        long version,
        String holder,
        Duration duration,
        int transitions,
        @Nullable Instant acquiredAt,
        @Nullable Instant renewedAt) {

    boolean isHeldBy(String name) {
        return holder.equals(name);
    }

    public boolean isFree() {
        return holder.isEmpty();
    }

    /** The same Lease with a holder from {@code now} on. */
    LeaseRecord takenBy(String name, Duration forSoLong, Instant now) {
        return isHeldBy(name)
                ? new LeaseRecord(
                        version, name, forSoLong, transitions, Objects.requireNonNullElse(acquiredAt, now), now)
                : new LeaseRecord(version, name, forSoLong, transitions + 1, now, now);
    }

    /** The same Lease without a holder. The duration is the shortest that a Lease may have, as Kubernetes' own components write it. */
    LeaseRecord released(Instant now) {
        return new LeaseRecord(version, "", Duration.ofSeconds(1), transitions, acquiredAt, now);
    }

    static LeaseRecord first(String name, Duration forSoLong, Instant now) {
        return new LeaseRecord(0, name, forSoLong, 0, now, now);
    }
}
