package dev.taskqueue.operator.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Lease as the API server has it, or is to have it.
 *
 * @param version its resourceVersion; 0 for one that is to be created
 * @param holder empty = nobody
 * @param duration how long it holds from each renewal on, by its holder's own word; zero = not said
 * @param transitions how often the holder has changed
 * @param acquiredAt when the holder took it; null = not said
 * @param renewedAt when the holder last renewed it, by the holder's clock, so for people to read; null = not said
 */
record LeaseRecord(
        long version,
        String holder,
        Duration duration,
        int transitions,
        @Nullable Instant acquiredAt,
        @Nullable Instant renewedAt) {

    boolean isHeldBy(String name) {
        return holder.equals(name);
    }

    boolean isFree() {
        return holder.isEmpty();
    }

    /** The same in somebody's hands, from {@code now} on. */
    LeaseRecord takenBy(String name, Duration forSoLong, Instant now) {
        return isHeldBy(name)
                ? new LeaseRecord(
                        version, name, forSoLong, transitions, Objects.requireNonNullElse(acquiredAt, now), now)
                : new LeaseRecord(version, name, forSoLong, transitions + 1, now, now);
    }

    /** The same in nobody's hands. The duration is the least that a Lease may have, as Kubernetes' own components leave it. */
    LeaseRecord released(Instant now) {
        return new LeaseRecord(version, "", Duration.ofSeconds(1), transitions, acquiredAt, now);
    }

    static LeaseRecord first(String name, Duration forSoLong, Instant now) {
        return new LeaseRecord(0, name, forSoLong, 0, now, now);
    }
}
