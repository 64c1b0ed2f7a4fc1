package dev.taskqueue.operator.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Measures how soon a Task reaches the worker, after its creation and after its due time, on a system that has nothing else to do. */
final class Punctuality {
    private static final int WARM_UP = 1_000;
    private static final int FRESH = 300;
    private static final Duration FRESH_INTERVAL = Duration.ofMillis(50);
    private static final int SCHEDULED = 300;
    private static final Duration SCHEDULED_INTERVAL = Duration.ofMillis(60);
    /** The time until the first Task is due. All are created by then, and their waiting status is written. */
    private static final Duration AHEAD = Duration.ofSeconds(8);

    /** A Task counts only if it exists this long before its due time. */
    private static final Duration NOTICE = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final BenchCluster site;
    private final BenchReport figures;

    Punctuality(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        site.queue("punctual", "{retention: {succeeded: 2s}}");
        try (OperatorJvm operator = site.operator()) {
            site.warmUp("punctual", WARM_UP);
            fresh();
            site.awaitNoTasks();
            Lateness lateness = lateness(site, "punctual", SCHEDULED, SCHEDULED_INTERVAL, AHEAD);
            LatencySamples late = lateness.tasks();
            figures.add(
                    "latency", "P7 lateness against scheduleTime, p50 / p99", "2 / 6 ms; 1 / 3 ms", late.halfAndMost());
            figures.add(
                    "latency",
                    "a sleeping thread's lateness at the same times, p50 / p99",
                    "",
                    lateness.sleeper().halfAndMost());
            figures.add("latency", "lateness, least (never below 0)", ">= 0", "%.2f ms", late.min());
            assertThat(late.min()).as("never early").isNotNegative();
            figures.add("latency", "warnings and errors in the operator's log", "0", "%d", operator.complaints());
            site.awaitNoTasks();
        }
    }

    private void fresh() {
        BenchWorker sink = site.sink();
        sink.reset();
        long[] sentAt = new long[FRESH];
        long[] acknowledgedAt = new long[FRESH];
        long next = System.nanoTime();
        for (int i = 0; i < FRESH; i++) {
            next += FRESH_INTERVAL.toNanos();
            LockSupport.parkNanos(next - System.nanoTime());
            sentAt[i] = BenchWorker.micros();
            site.api().create(BenchCluster.task("fresh-" + i, "punctual", null));
            acknowledgedAt[i] = BenchWorker.micros();
        }
        sink.await(FRESH, PATIENCE);
        var acknowledged = new LatencySamples(
                IntStream.range(0, FRESH).mapToLong(i -> sink.firstAt("fresh-" + i) - acknowledgedAt[i]));
        var sent = new LatencySamples(IntStream.range(0, FRESH).mapToLong(i -> sink.firstAt("fresh-" + i) - sentAt[i]));
        figures.add(
                "latency", "P6 create sent to first byte, 20/s, p50 / p99", "8 / 25 ms; 5 / 10 ms", sent.halfAndMost());
        figures.add("latency", "create acknowledged to first byte, p50 / p99", "", acknowledged.halfAndMost());
    }

    /**
     * How late something happened.
     *
     * @param sleeper a thread of this JVM that only slept until the same times; it shows how late the machine itself is
     */
    record Lateness(LatencySamples tasks, LatencySamples sleeper) {}

    /**
     * Measures the lateness of Tasks that are scheduled at even intervals, the first one after {@code ahead}. A Task does not count if a busy API
     * server stored it less than {@link #NOTICE} before its due time: it was late before the operator could know of it.
     */
    static Lateness lateness(BenchCluster site, String queue, int tasks, Duration interval, Duration ahead) {
        BenchWorker sink = site.sink();
        sink.reset();
        Instant first = Instant.ofEpochMilli(Instant.now().plus(ahead).toEpochMilli());
        Instant[] due = IntStream.range(0, tasks)
                .mapToObj(i -> first.plus(interval.multipliedBy(i)))
                .toArray(Instant[]::new);
        long[] inTimeFor = new long[tasks];
        site.api().forEach(tasks, i -> {
            site.api().create(BenchCluster.task("timed-" + i, queue, due[i]));
            inTimeFor[i] = BenchWorker.micros() + TimeUnit.MILLISECONDS.toMicros(NOTICE.toMillis());
        });
        var sleeper = new LatencySamples(Arrays.stream(due).mapToLong(at -> sleepUntil(micros(at))));
        sink.await(tasks, PATIENCE);
        IntStream counted = IntStream.range(0, tasks).filter(i -> inTimeFor[i] <= micros(due[i]));
        return new Lateness(
                new LatencySamples(counted.mapToLong(i -> sink.firstAt("timed-" + i) - micros(due[i]))), sleeper);
    }

    private static long micros(Instant at) {
        return TimeUnit.MILLISECONDS.toMicros(at.toEpochMilli());
    }

    /** Sleeps until this time and returns how much later it woke up, in microseconds. */
    private static long sleepUntil(long micros) {
        for (long now = BenchWorker.micros(); now < micros; now = BenchWorker.micros()) {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros - now));
        }
        return BenchWorker.micros() - micros;
    }
}
