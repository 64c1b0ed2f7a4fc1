package dev.taskqueue.gateway.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Workers that create Tasks one after the other, and what they measured. */
final class CreateLoop {
    private final double perSecond;
    /** How long each create took, the shortest first. */
    private final long[] nanos;

    private CreateLoop(double perSecond, long[] nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
    }

    double perSecond() {
        return perSecond;
    }

    long count() {
        return nanos.length;
    }

    /** One create; it throws if it fails. */
    interface Create {
        void run() throws Exception;
    }

    /** Lets some workers create for a while. */
    static CreateLoop run(int workers, Duration time, Create create) throws Exception {
        long began = System.nanoTime();
        long end = began + time.toNanos();
        try (var threads = Executors.newFixedThreadPool(workers)) {
            long[] nanos = threads
                    .invokeAll(IntStream.range(0, workers)
                            .<Callable<long[]>>mapToObj(worker -> () -> one(end, create))
                            .toList())
                    .stream()
                    .flatMapToLong(result -> Arrays.stream(result.resultNow()))
                    .sorted()
                    .toArray();
            return new CreateLoop(nanos.length * 1e9 / (System.nanoTime() - began), nanos);
        }
    }

    private static long[] one(long end, Create create) throws Exception {
        long[] nanos = new long[1024];
        int count = 0;
        for (long now = System.nanoTime(); now < end; ) {
            create.run();
            long after = System.nanoTime();
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = after - now;
            now = after;
        }
        return Arrays.copyOf(nanos, count);
    }

    /** The time below which this share of the creates was, in ms. */
    double millis(double share) {
        return nanos[(int) Math.min(nanos.length - 1L, (long) (nanos.length * share))] / 1e6;
    }
}
