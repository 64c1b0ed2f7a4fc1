package dev.taskqueue.operator.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;

/** Times in microseconds, in order. */
final class LatencySamples {
    private final long[] micros;

    LatencySamples(LongStream micros) {
        this.micros = micros.sorted().toArray();
    }

    /** The value that {@code percent} of the samples do not exceed, in milliseconds. */
    double percentile(double percent) {
        if (micros.length == 0) {
            throw new IllegalStateException("there are no samples");
        }
        int index = (int) Math.ceil(micros.length * percent / 100) - 1;
        return micros[Math.clamp(index, 0, micros.length - 1)] / 1000.0;
    }

    double min() {
        return Arrays.stream(micros).min().orElseThrow() / 1000.0;
    }

    /** {@code p50 / p99, of N}, with the number of samples. */
    String halfAndMost() {
        return String.format(Locale.ROOT, "%.1f / %.1f ms (%d)", percentile(50), percentile(99), micros.length);
    }
}
