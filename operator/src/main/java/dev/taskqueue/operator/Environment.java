package dev.taskqueue.operator;

import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.alarm.QuartzAlarm;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Clocks;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock, the threads, the alarm clock and the random numbers that an operator runs on.
 *
 * @param random may be called on any thread
 * @param leadershipLost called when another process leads. What this process knows of the Tasks is out of date then, so it should end
 */
public record Environment(
        Clocks clock, Threads threads, AlarmClock.Maker alarms, RandomGenerator random, Runnable leadershipLost) {
    private static final Logger LOG = LoggerFactory.getLogger(Environment.class);

    /**
     * The threads of an operator.
     *
     * @param attempts runs every attempt, ring and delete; the operator closes it
     * @param loops makes the few threads that live as long as the operator
     * @param sleeper how any of them waits for a time
     */
    public record Threads(ExecutorService attempts, ThreadFactory loops, Sleeper sleeper) {
        /** Threads that wait in real time. */
        public Threads(ExecutorService attempts) {
            this(attempts, Thread.ofPlatform().daemon().factory(), Sleeper.SYSTEM);
        }
    }

    /** For an operator without leader election, or one that does nothing when it loses the Lease. */
    public Environment(Clocks clock, ExecutorService attempts, AlarmClock.Maker alarms) {
        this(clock, new Threads(attempts), alarms, new ThreadRandom(), () -> {});
    }

    static Environment ofThisMachine(Runnable leadershipLost) {
        Clocks clock = Clocks.system();
        return new Environment(
                clock,
                new Threads(Executors.newThreadPerTaskExecutor(Thread.ofVirtual()
                        .name("attempt-", 0)
                        .uncaughtExceptionHandler(
                                (thread, failure) -> LOG.error("{} failed", thread.getName(), failure))
                        .factory())),
                threads -> new QuartzAlarm("taskqueue-" + UUID.randomUUID(), clock, threads),
                new ThreadRandom(),
                leadershipLost);
    }

    /** Random numbers for many threads. */
    private static final class ThreadRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            return ThreadLocalRandom.current().nextLong();
        }
    }
}
