package dev.taskqueue.operator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.Throttle;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An engine in a world where time passes only when the story says so, in one thread at a time. The first {@link #at} or {@link #soon} after
 * a change lets its consequences happen.
 */
final class Story {
    private static final int RESTLESS = 20_000;

    final TestingClocks time = new TestingClocks();
    final TestingThreads threads = new TestingThreads();
    final ScheduledEvents agenda = new ScheduledEvents();
    final TestingBarriers doors = new TestingBarriers(threads, time, agenda);
    final TestingAlarm alarm = new TestingAlarm(time);
    final TestingFence fence = new TestingFence();
    final TestingDispatcher worker = new TestingDispatcher(doors);
    final TestingJournal journal = new TestingJournal(doors);
    final TestingListener listener = new TestingListener();
    final Engine engine;
    /** The last delivery of each Task, by its name. */
    private final Map<String, Delivery> deliveries = new HashMap<>();

    private int toldRequests;

    Story() {
        this(new EngineLimits(10_000, 1000));
    }

    Story(EngineLimits limits) {
        engine = new Engine(
                new EnginePorts(worker, journal, alarm, fence, listener),
                limits,
                time.clock(),
                threads,
                new SplittableRandom(7));
        Duration tick = Duration.ofSeconds(Throttle.WINDOW_SECONDS);
        agenda.planEvery(tick, tick, engine::tick);
        agenda.planEvery(Duration.ofSeconds(1), Duration.ofSeconds(1), engine::compareClocks);
    }

    /** A queue that nobody has served before, or new settings of one that is there. */
    void applySettings(TestingQueue queue) {
        engine.applySettings(queue.id(), queue.settings(), true);
    }

    /** A queue that an earlier process has served. */
    void settleAfterRestart(TestingQueue queue) {
        engine.applySettings(queue.id(), queue.settings(), false);
    }

    void offer(TestingTask task) {
        deliveries.put(task.name(), engine.offer(task.offer()));
    }

    /** Tasks that are due at once, or since the story began. */
    void tasks(String queue, String... names) {
        for (String name : names) {
            offer(TestingTask.task(name, queue).due(time.instant()));
        }
    }

    /** {@code count} Tasks, {@code PREFIX0} and so on, due at once. */
    void crowd(String queue, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            tasks(queue, prefix + i);
        }
    }

    void cancel(String task) {
        engine.cancel(delivery(task));
    }

    void wake(Subject subject) {
        engine.wake(subject);
    }

    /** Lets time pass until then, and everything happen that happens on the way. */
    void at(String offset) {
        until(TestingClocks.offset(offset));
    }

    void until(Duration end) {
        int steps = 0;
        Duration before = time.passed();
        while (true) {
            threads.runAll();
            Duration next = next();
            if (next == null || next.compareTo(end) > 0) {
                break;
            }
            time.moveTo(next);
            steps = time.passed().equals(before) ? steps + 1 : 0;
            before = time.passed();
            assertThat(steps)
                    .as("alarms and events in one instant, at %s", before)
                    .isLessThan(RESTLESS);
            agenda.runDue(time.passed());
            alarm.ringDue(time.passed(), engine::ring);
        }
        time.moveTo(end);
    }

    /** Lets everything happen that needs no time. */
    void soon() {
        until(time.passed());
    }

    private @Nullable Duration next() {
        Duration planned = agenda.next();
        Duration rings = alarm.next();
        return planned == null || (rings != null && rings.compareTo(planned) < 0) ? rings : planned;
    }

    /** Exactly these Tasks' requests have left since this was last asked, in this order. */
    void thenSent(String... names) {
        assertThat(sent().subList(toldRequests, sent().size()))
                .as("sent by %s", Durations.format(time.passed()))
                .containsExactly(names);
        toldRequests = sent().size();
    }

    void thenNothingSent() {
        thenSent();
    }

    /** Every request so far, by its Task's name. */
    List<String> sent() {
        return worker.requests.stream().map(attempt -> attempt.task().name()).toList();
    }

    /** When each request of this Task left. */
    List<String> timesOf(String task) {
        return worker.requests.stream()
                .filter(attempt -> attempt.task().name().equals(task))
                .map(attempt -> TestingClocks.text(attempt.dispatchedAt()))
                .toList();
    }

    int openRequests(String queue) {
        return worker.open.getOrDefault(new QueueId(TestingQueue.NAMESPACE, queue), 0);
    }

    QueueStats stats(String queue) {
        return engine.stats(new QueueId(TestingQueue.NAMESPACE, queue)).orElseThrow();
    }

    @Nullable DeliveryStatus standing(String task) {
        return engine.deliveryStatus(delivery(task)).orElse(null);
    }

    /** The Task's last delivery. */
    Delivery delivery(String task) {
        return Objects.requireNonNull(deliveries.get(task), task);
    }

    static Subject subject(Obstacle.Kind kind, String name) {
        return new Subject(kind, TestingQueue.NAMESPACE, name);
    }
}
