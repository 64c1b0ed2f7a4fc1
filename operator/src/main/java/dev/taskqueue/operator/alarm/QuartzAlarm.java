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
 * Quartz as the alarm clock of all queues, made monotonic: Quartz knows the wall clock alone, so each second that one is compared with the
 * monotonic clock, and where somebody has set it, every trigger is set anew. Quartz may fire early; the rest of that time is waited out on the
 * ringing thread where it is short, and by another trigger where it is not, so nobody is woken early. What recurs is done by a thread of its own,
 * which knows the monotonic clock alone.
 */
public final class QuartzAlarm implements AlarmClock {
    private static final Logger LOG = LoggerFactory.getLogger(QuartzAlarm.class);
    private static final Duration NO_BATCH_WINDOW = Duration.ZERO;
    /** A ringing thread waits no longer than this. */
    private static final long SHORT = Duration.ofMillis(5).toNanos();
    /** The wall clock may be off by this much before triggers are set anew. */
    private static final long TOLERANCE = Duration.ofMillis(20).toNanos();

    private static final Duration LOOK = Duration.ofSeconds(1);
    /** No wait is longer; then the queue is woken to look again. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(365);

    private static final int BATCH = 100;

    private final Scheduler scheduler;
    private final Clocks clock;
    private final Executor threads;
    /** When each queue is to be woken, in monotonic nanoseconds. */
    private final Map<QueueId, Long> due = new ConcurrentHashMap<>();

    private final ScheduledThreadPoolExecutor duties = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("duties").daemon().factory());
    /** Done once the alarm is started; what recurs begins then. */
    private final CompletableFuture<@Nullable Void> begun = new CompletableFuture<>();
    /** Of the wall clock from the monotonic one, in nanoseconds. */
    private long offset;

    /**
     * An alarm that keeps what it is set to, and rings once {@link #start} was called.
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
        every("wall clock", LOOK, this::compareClocks);
    }

    @Override
    public void set(QueueId queue, Duration wait) {
        long nanos = (wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait).toNanos();
        // First the time, then the trigger: one that fires in between is set anew.
        due.put(queue, clock.monotonic().getAsLong() + nanos);
        // So that every trigger is of the offset that is known.
        compareClocks();
        trigger(queue, nanos);
    }

    private void trigger(QueueId queue, long nanos) {
        TriggerKey key = new TriggerKey(queue.name(), queue.namespace());
        Trigger trigger = newTrigger()
                .withIdentity(key)
                .forJob(queue.name(), queue.namespace())
                .startAt(Date.from(
                        clock.wall().instant().plusNanos(nanos))) // cut to the millisecond; the rest is waited out
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

    /** Each time on a thread of its own. */
    @Override
    public void every(String name, Duration interval, Runnable duty) {
        // Nobody waits for either: what fails in a turn is logged there.
        var _ = begun.thenRun(() -> {
            var _ = duties.scheduleAtFixedRate(
                    () -> threads.execute(() -> run(name, duty)),
                    interval.toNanos(),
                    interval.toNanos(),
                    TimeUnit.NANOSECONDS);
        });
    }

    /** Sets every trigger anew where somebody has set the wall clock. */
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
        // Where it was set to another time meanwhile, the trigger of that one rings.
        if (due.remove(queue, at)) {
            ring.accept(queue);
        }
    }

    /** Nobody is behind this thread to catch anything. */
    private static void run(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            LOG.error("What the alarm rang for failed: {}", what, failure);
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
