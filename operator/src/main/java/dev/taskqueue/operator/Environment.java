package dev.taskqueue.operator;

import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.alarm.QuartzAlarm;
import dev.taskqueue.operator.engine.Clocks;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock, the threads and the alarm clock that an operator runs on.
 *
 * @param threads runs every attempt, ring and delete; the operator closes it
 * @param leadershipLost called when another process leads. What this process knows of the Tasks is out of date then, so it should end
 */
public record Environment(Clocks clock, ExecutorService threads, AlarmClock.Maker alarms, Runnable leadershipLost) {
    private static final Logger LOG = LoggerFactory.getLogger(Environment.class);

    /** For an operator without leader election, or one that does nothing when it loses the Lease. */
    public Environment(Clocks clock, ExecutorService threads, AlarmClock.Maker alarms) {
        this(clock, threads, alarms, () -> {});
    }

    static Environment ofThisMachine(Runnable leadershipLost) {
        Clocks clock = Clocks.system();
        return new Environment(
                clock,
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual()
                        .name("attempt-", 0)
                        .uncaughtExceptionHandler(
                                (thread, failure) -> LOG.error("{} failed", thread.getName(), failure))
                        .factory()),
                threads -> new QuartzAlarm("taskqueue-" + UUID.randomUUID(), clock, threads),
                leadershipLost);
    }
}
