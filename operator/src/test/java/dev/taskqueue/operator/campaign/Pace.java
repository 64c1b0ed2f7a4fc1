package dev.taskqueue.operator.campaign;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** Says when a run goes on: when enough work has been done meanwhile, but no later than at a time of its schedule. The seed chooses both. */
final class Pace {
    private static final Duration POLL = Duration.ofMillis(20);

    private final WorkerLog deliveries;
    private final Random random;

    Pace(WorkerLog deliveries, Random random) {
        this.deliveries = deliveries;
        this.random = random;
    }

    /** Waits for so many deliveries, from 1 up to {@code most}. Where nothing is delivered, the time is up after {@code longest} seconds at the latest. */
    void untilDelivered(int most, double longest) {
        int enough = deliveries.deliveries() + random.nextInt(1, most + 1);
        until(between(longest / 4, longest), () -> deliveries.deliveries() >= enough);
    }

    /** Waits for a time between these, in seconds from now. */
    void untilTime(double from, double to) {
        until(between(from, to), () -> false);
    }

    /** Waits until something is so, or until the time is up. */
    void until(Duration longest, BooleanSupplier enough) {
        Instant end = Instant.now().plus(longest);
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .atMost(longest.plusMinutes(1))
                .until(() -> enough.getAsBoolean() || !Instant.now().isBefore(end));
    }

    private Duration between(double from, double to) {
        return Duration.ofMillis((long) (1000 * random.nextDouble(from, to)));
    }
}
