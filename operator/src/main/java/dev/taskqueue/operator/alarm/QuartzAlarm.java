package dev.taskqueue.operator.alarm;

import static org.quartz.JobBuilder.newJob;
import static org.quartz.SimpleScheduleBuilder.simpleSchedule;
import static org.quartz.TriggerBuilder.newTrigger;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
 * The alarm clock of all queues, made of Quartz. Quartz knows only the wall clock. So once a second the wall clock is compared with the monotonic
 * clock, and if somebody has set it, all triggers are set again. Quartz may fire early. The ringing thread waits for the rest of the time if it is
 * short; otherwise another trigger does, so no queue is woken early. Recurring duties have a scheduler of their own, which follows the monotonic
 * clock.
 */
public final class QuartzAlarm implements AlarmClock {
    private static final Logger LOG = LoggerFactory.getLogger(QuartzAlarm.class);
    private static final Duration NO_BATCH_WINDOW = Duration.ZERO;
    /** The longest time that a ringing thread waits. */
    private static final long SHORT = Duration.ofMillis(5).toNanos();
    /** Triggers are set again if the wall clock has moved by more than this. */
    private static final long TOLERANCE = Duration.ofMillis(20).toNanos();

    private static final Duration CLOCK_CHECK = Duration.ofSeconds(1);
    /** The longest wait. A queue that waits for longer is woken then and looks again. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(365);

    private static final int BATCH = 100;

    private final Scheduler scheduler;
    private final Clocks clock;
    private final Executor threads;
    /** When each queue is to be woken, in monotonic nanoseconds. */
    private final Map<QueueId, Long> due = new ConcurrentHashMap<>();

    private final ScheduledThreadPoolExecutor duties = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("duties").daemon().factory());
    /** Completed when the alarm is started. Recurring duties begin then. */
    private final CompletableFuture<@Nullable Void> begun = new CompletableFuture<>();
    /** How far the wall clock is ahead of the monotonic clock, in nanoseconds. */
    private long offset;

    /**
     * An alarm that can be set at once, and rings after {@link #start} was called.
     *
     * @param threads runs each ring; it may wait there for up to 5 ms
     */
    public QuartzAlarm(String name, Clocks clock, Executor threads) {
        this.clock = clock;
        this.offset = offset();
        this.threads = threads;
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
        } catch (SchedulerException failure) {
            throw new IllegalStateException("Quartz does not start", failure);
        }
    }

    @Override
    public void start(Consumer<QueueId> ring) {
        quietly(() -> {
            scheduler.setJobFactory((bundle, running) -> context -> fired(context, ring));
            scheduler.start();
        });
        begun.complete(null);
        every("wall clock", CLOCK_CHECK, this::compareClocks);
    }

    @Override
    public void set(QueueId queue, Duration wait) {
        long nanos = (wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait).toNanos();
        // First the time, then the trigger: an old trigger that fires in between is set again for the new time.
        due.put(queue, clock.monotonic().getAsLong() + nanos);
        // All triggers are set with the same known offset.
        compareClocks();
        trigger(queue, nanos);
    }

    private void trigger(QueueId queue, long nanos) {
        TriggerKey key = new TriggerKey(queue.name(), queue.namespace());
        Trigger trigger = newTrigger()
                .withIdentity(key)
                .forJob(queue.name(), queue.namespace())
                .startAt(Date.from(clock.wall()
                        .instant()
                        .plusNanos(nanos))) // rounded down to the millisecond; the ringing thread waits for the rest
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
        due.remove(queue);
        quietly(() -> scheduler.unscheduleJob(new TriggerKey(queue.name(), queue.namespace())));
    }

    /** Runs it on a new thread each time. */
    @Override
    public void every(String name, Duration interval, Runnable duty) {
        // Nobody waits for these results: a duty that fails is logged where it runs.
        var _ = begun.thenRun(() -> {
            var _ = duties.scheduleAtFixedRate(
                    () -> threads.execute(() -> run(name, duty)),
                    interval.toNanos(),
                    interval.toNanos(),
                    TimeUnit.NANOSECONDS);
        });
    }

    /** Sets all triggers again if somebody has set the wall clock. */
    private synchronized void compareClocks() {
        if (Math.abs(offset() - offset) < TOLERANCE) {
            return;
        }
        offset = offset();
        long now = clock.monotonic().getAsLong();
        due.forEach((queue, at) -> trigger(queue, Math.max(0, at - now)));
    }

    private long offset() {
        Instant wall = clock.wall().instant();
        return Math.addExact(Math.multiplyExact(wall.getEpochSecond(), 1_000_000_000L), wall.getNano())
                - clock.monotonic().getAsLong();
    }

    @Override
    public void close() {
        duties.shutdownNow();
        quietly(() -> scheduler.shutdown(false));
    }

    private static JobDetail job(String name, String group) {
        return newJob(Ringing.class).withIdentity(name, group).build();
    }

    private void fired(JobExecutionContext context, Consumer<QueueId> ring) {
        JobKey key = context.getJobDetail().getKey();
        var queue = new QueueId(key.getGroup(), key.getName());
        threads.execute(() -> run(queue.toString(), () -> ring(queue, ring)));
    }

    private void ring(QueueId queue, Consumer<QueueId> ring) {
        Long at = due.get(queue);
        if (at == null) {
            return;
        }
        long left = at - clock.monotonic().getAsLong();
        if (left > SHORT) {
            trigger(queue, left);
            return;
        }
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = at - clock.monotonic().getAsLong();
        }
        // If the alarm was set to another time meanwhile, the trigger of that time rings.
        if (due.remove(queue, at)) {
            ring.accept(queue);
        }
    }

    /** Logs a failure, since no caller could catch it. */
    private static void run(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            LOG.error("The work of this alarm has failed: {}", what, failure);
        }
    }

    /** Quartz requires a class for each kind of work. This one stands for all; a key says which queue it is for. */
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
