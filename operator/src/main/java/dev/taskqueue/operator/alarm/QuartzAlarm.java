package dev.taskqueue.operator.alarm;

import static org.quartz.JobBuilder.newJob;
import static org.quartz.SimpleScheduleBuilder.simpleSchedule;
import static org.quartz.TriggerBuilder.newTrigger;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.quartz.Job;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.impl.DefaultThreadExecutor;
import org.quartz.impl.DirectSchedulerFactory;
import org.quartz.simpl.RAMJobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Quartz as the alarm clock of all queues. Quartz may fire up to 2 ms early; the rest of that time is waited out on the ringing thread, so
 * nobody is woken early.
 */
public final class QuartzAlarm implements AlarmClock {
    private static final Logger LOG = LoggerFactory.getLogger(QuartzAlarm.class);
    /** Beside the namespaces' groups; no namespace can bear this name. */
    private static final String DUTIES = "/duties";

    private static final Duration NO_BATCH_WINDOW = Duration.ZERO;
    private static final int BATCH = 100;

    private final Scheduler scheduler;
    private final InstantSource wall;
    private final Executor threads;
    private final Consumer<QueueId> ring;
    private final Map<JobKey, Runnable> duties = new ConcurrentHashMap<>();

    /**
     * An alarm that keeps what it is set to, and rings once {@link #start} was called.
     *
     * @param threads runs each ring; it may wait there for up to 2 ms
     * @param ring what to do when a queue's time has come
     */
    public QuartzAlarm(String name, InstantSource wall, Executor threads, Consumer<QueueId> ring) {
        this.wall = wall;
        this.threads = threads;
        this.ring = ring;
        try {
            DirectSchedulerFactory factory = DirectSchedulerFactory.getInstance();
            factory.createScheduler(
                    name,
                    name,
                    new InlineThreadPool(),
                    new DefaultThreadExecutor(),
                    new RAMJobStore(),
                    Map.of(),
                    null,
                    0,
                    -1,
                    -1,
                    false,
                    null,
                    BATCH,
                    NO_BATCH_WINDOW.toMillis(),
                    true);
            scheduler = factory.getScheduler(name);
            scheduler.setJobFactory((bundle, running) -> this::fired);
        } catch (SchedulerException failure) {
            throw new IllegalStateException("Quartz does not start", failure);
        }
    }

    @Override
    public void start() {
        quietly(scheduler::start);
    }

    @Override
    public void set(QueueId queue, Instant at) {
        TriggerKey key = new TriggerKey(queue.name(), queue.namespace());
        Trigger trigger = newTrigger()
                .withIdentity(key)
                .forJob(queue.name(), queue.namespace())
                .startAt(Date.from(at.plusNanos(999_999))) // cut to the millisecond, so rounded up
                .withSchedule(simpleSchedule().withMisfireHandlingInstructionIgnoreMisfires())
                .build();
        quietly(() -> {
            if (scheduler.rescheduleJob(key, trigger) == null) {
                scheduler.scheduleJob(job(queue.name(), queue.namespace()), java.util.Set.of(trigger), true);
            }
        });
    }

    @Override
    public void clear(QueueId queue) {
        quietly(() -> scheduler.unscheduleJob(new TriggerKey(queue.name(), queue.namespace())));
    }

    /** Each time on a thread of its own. */
    @Override
    public void every(String name, Duration interval, Runnable duty) {
        duties.put(new JobKey(name, DUTIES), duty);
        Trigger trigger = newTrigger()
                .withIdentity(name, DUTIES)
                .startAt(Date.from(wall.instant().plus(interval)))
                .withSchedule(simpleSchedule()
                        .withIntervalInMilliseconds(interval.toMillis())
                        .repeatForever()
                        .withMisfireHandlingInstructionNextWithRemainingCount())
                .build();
        quietly(() -> scheduler.scheduleJob(job(name, DUTIES), trigger));
    }

    @Override
    public void close() {
        quietly(() -> scheduler.shutdown(false));
    }

    private static JobDetail job(String name, String group) {
        return newJob(Ringing.class).withIdentity(name, group).build();
    }

    private void fired(JobExecutionContext context) {
        JobKey key = context.getJobDetail().getKey();
        Runnable duty = duties.get(key);
        if (duty != null) {
            threads.execute(() -> run(key, duty));
            return;
        }
        Instant due = context.getScheduledFireTime().toInstant();
        threads.execute(() -> {
            waitFor(due);
            run(key, () -> ring.accept(new QueueId(key.getGroup(), key.getName())));
        });
    }

    /** Nobody is behind this thread to catch anything. */
    private static void run(JobKey key, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            LOG.error("What the alarm rang for failed: {}", key, failure);
        }
    }

    private void waitFor(Instant due) {
        for (Instant now = wall.instant(); now.isBefore(due); now = wall.instant()) {
            LockSupport.parkNanos(Duration.between(now, due).toNanos());
        }
    }

    /** Quartz wants a class for every kind of work; ours are told apart by their key. */
    private static final class Ringing implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            throw new AssertionError("the factory of this scheduler makes every instance");
        }
    }

    private interface Action {
        void run() throws SchedulerException;
    }

    private static void quietly(Action action) {
        try {
            action.run();
        } catch (SchedulerException failure) {
            throw new IllegalStateException("Quartz refused what it never refuses", failure);
        }
    }
}
