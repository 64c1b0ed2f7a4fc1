package dev.taskqueue.operator.domain;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The failures of one kind of request, from the first one until a request succeeds. It says which of them the log shows: the first one of each cause,
 * and then one at long intervals. Times are of the monotonic clock. Its caller guards it.
 */
public final class FailureStreak {
    private static final long INTERVAL = Duration.ofMinutes(5).toNanos();
    /** The most causes that are shown at once. The texts of some causes differ each time. */
    private static final int MOST_CAUSES = 3;

    private final Set<String> causes = new HashSet<>();
    private long count;
    private long since;
    private long shownAt;

    /**
     * Counts a failure.
     *
     * @return the end of a line for the log, which says for how long and how often it has failed, and is empty for the first failure; nothing if the
     *     log does not show this failure
     */
    public Optional<String> failed(String cause, long nanos) {
        count++;
        if (count == 1) {
            since = nanos;
        }
        boolean isNew = causes.size() < MOST_CAUSES && causes.add(cause);
        if (!isNew && nanos - shownAt < INTERVAL) {
            return Optional.empty();
        }
        shownAt = nanos;
        return Optional.of(count == 1 ? "" : " (for " + age(nanos) + ", " + count + " failures)");
    }

    /**
     * A request succeeded, so the streak ends.
     *
     * @return how long it lasted and how often it failed, as {@code after 25s and 14 failures}; nothing if nothing had failed
     */
    public Optional<String> ended(long nanos) {
        if (count == 0) {
            return Optional.empty();
        }
        String text = "after " + age(nanos) + " and " + count + (count == 1 ? " failure" : " failures");
        count = 0;
        causes.clear();
        return Optional.of(text);
    }

    private String age(long nanos) {
        return Durations.format(
                Duration.ofSeconds(Duration.ofNanos(nanos - since).toSeconds()));
    }
}
