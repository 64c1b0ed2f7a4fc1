package dev.taskqueue.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.RecordingWorker.Received;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Checks that a queue kept its rate, measured at its worker. */
public final class RateWindows {
    /** A possible delay of a request between taking its token and its arrival, beyond the delay that can be measured. */
    private static final Duration THREAD_START = Duration.ofMillis(250);

    private RateWindows() {}

    /**
     * Checks that no window of time has more requests than burst and rate allow. A request arrives some time after it was sent, so a window at the
     * worker was longer at the operator, by at most the time that the slowest request took to arrive. That time is added to every window.
     *
     * @param received of Tasks whose deadline is 10 minutes
     * @param rate requests a second
     */
    public static void assertNoneAbove(List<Received> received, int burst, double rate) {
        Duration jitter = received.stream()
                .map(RateWindows::transport)
                .max(Comparator.naturalOrder())
                .orElseThrow()
                .plus(THREAD_START);
        long[] arrivals = received.stream().mapToLong(Received::nanos).sorted().toArray();
        var excesses = new ArrayList<String>();
        for (int first = 0; first < arrivals.length; first++) {
            for (int last = first; last < arrivals.length; last++) {
                double seconds = (arrivals[last] - arrivals[first] + jitter.toNanos()) / 1e9;
                if (last - first + 1 > burst + rate * seconds) {
                    excesses.add("%d within %.3f s from number %d on".formatted(last - first + 1, seconds, first));
                }
            }
        }
        assertThat(excesses)
                .as("windows above %d + %s/s, jitter %s", burst, rate, jitter)
                .isEmpty();
    }

    /** When the operator sent a request whose deadline is 10 minutes, by the operator's clock. */
    public static Instant dispatchedAt(Received request) {
        return Instant.parse(request.header("TaskQueue-Deadline")).minus(Duration.ofMinutes(10));
    }

    private static Duration transport(Received request) {
        return Duration.between(dispatchedAt(request), request.at());
    }
}
