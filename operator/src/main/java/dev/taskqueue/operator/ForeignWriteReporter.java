package dev.taskqueue.operator;

import dev.taskqueue.operator.domain.FailureStreak;
import dev.taskqueue.operator.intake.ForeignWriteDetector.ForeignWrite;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports that another operator with another Lease serves the same Tasks: in the log, in the metrics and in the answer of {@code /readyz}. It does not
 * stop this operator: the other one does the same, and then nobody would send any Task.
 */
final class ForeignWriteReporter implements Consumer<ForeignWrite> {
    private static final Logger LOG = LoggerFactory.getLogger(ForeignWriteReporter.class);
    /** After this time without a write of the other operator it counts as gone. */
    private static final long GONE_AFTER = Duration.ofMinutes(15).toNanos();

    private final Runnable counter;
    private final LongSupplier nanos;
    private final FailureStreak streak = new FailureStreak();
    private long lastAt;
    private @Nullable String complaint;

    /**
     * Makes a reporter that has nothing to report yet.
     *
     * @param counter counts a write in the metrics
     * @param nanos the monotonic clock
     */
    ForeignWriteReporter(Runnable counter, LongSupplier nanos) {
        this.counter = counter;
        this.nanos = nanos;
    }

    @Override
    public synchronized void accept(ForeignWrite write) {
        counter.run();
        lastAt = nanos.getAsLong();
        String text =
                "Another operator, with Lease %s, serves namespace %s too, so Tasks are sent twice. Stop one of the two, or give them different namespaces (see docs/runbooks.md#taskqueuetwooperators)"
                        .formatted(write.lease(), write.task().namespace());
        complaint = text;
        streak.failed(text, lastAt)
                .ifPresent(lasting -> LOG.error("{}. It has written Task {}{}", text, write.task(), lasting));
    }

    /** The lines for {@code /readyz}. */
    synchronized List<String> complaints() {
        if (complaint != null && nanos.getAsLong() - lastAt > GONE_AFTER) {
            complaint = null;
            streak.ended(lastAt);
        }
        return complaint == null ? List.of() : List.of(complaint);
    }
}
