package dev.taskqueue.operator.testing;

import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.write.WriteRetries;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** Retries whose pauses take no time: the monotonic clock moves on by each of them, and the wall clock stands still. */
public final class TestingRetries {
    private static final int MOST_PAUSES = 100_000;

    private final AtomicLong nanos = new AtomicLong(-Duration.ofSeconds(3).toNanos());
    private final List<Duration> pauses = new ArrayList<>();
    private final Map<String, Integer> answers = new TreeMap<>();

    public WriteRetries retries(InstantSource wall) {
        return new WriteRetries(new Clocks(wall, nanos::get), this::sleep, this::count);
    }

    private synchronized void sleep(Duration pause) {
        if (pauses.size() >= MOST_PAUSES) {
            throw new AssertionError("a write is repeated for ever");
        }
        pauses.add(pause);
        pass(pause);
    }

    public void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private synchronized void count(String kind, String result) {
        answers.merge(kind + " " + result, 1, Integer::sum);
    }

    /** The pauses so far, in order. */
    public synchronized List<Duration> pauses() {
        return List.copyOf(pauses);
    }

    public synchronized Duration slept() {
        return pauses.stream().reduce(Duration.ZERO, Duration::plus);
    }

    /** How often each kind of write met each result. */
    public synchronized Map<String, Integer> answers() {
        return new TreeMap<>(answers);
    }
}
