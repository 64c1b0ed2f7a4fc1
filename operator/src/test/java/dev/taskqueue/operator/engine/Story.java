package dev.taskqueue.operator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.simulation.SequentialThreads;
import dev.taskqueue.operator.simulation.VirtualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An engine in a simulated world. Time passes only when the story says so, and only one thread runs at a time. After a change, the first call of
 * {@link #at} or {@link #soon} lets its consequences happen.
 */
final class Story {
    private static final int RESTLESS = 20_000;

    final VirtualTime time = new VirtualTime();
    final StoryClocks clocks = new StoryClocks(time);
    private IntUnaryOperator order = _ -> 0;
    final SequentialThreads threads = new SequentialThreads(runnable -> order.applyAsInt(runnable));
    final TestingBarriers barriers = new TestingBarriers(threads, time);
    final TestingFence fence = new TestingFence();
    final TestingDispatcher worker = new TestingDispatcher(barriers);
    final TestingJournal journal = new TestingJournal(barriers);
    final TestingItemJournal items = new TestingItemJournal();
    final TestingListener listener = new TestingListener();
    final Engine engine;
    /** The last delivery of each Task, by its name. */
    private final Map<String, Delivery> deliveries = new HashMap<>();

    private int reportedRequests;

    Story() {
        this(new EngineLimits(10_000, 1000));
    }

    Story(EngineLimits limits) {
        engine = new Engine(
                new EnginePorts(worker, journal, items, time, fence, listener),
                limits,
                clocks.clocks(),
                threads,
                new SplittableRandom(7));
        items.bind(engine.batches());
        time.every(Duration.ofSeconds(Throttle.WINDOW_SECONDS), engine::tick);
        time.every(Duration.ofSeconds(1), engine::compareClocks);
    }

    /** From now on, the thread that runs next is chosen at random. */
    void shuffle(RandomGenerator generator) {
        order = generator::nextInt;
    }

    /** Applies the settings of a new queue, or new settings of a known queue. */
    void applySettings(TestingQueue queue) {
        engine.applySettings(queue.id(), queue.settings(), true);
    }

    /** Applies the settings of a queue that an earlier process has served. */
    void applySettingsAfterRestart(TestingQueue queue) {
        engine.applySettings(queue.id(), queue.settings(), false);
    }

    void offer(TestingTask task) {
        deliveries.put(task.name(), engine.offer(task.offer()));
    }

    /** Creates Tasks that are due at once, or since the story began. */
    void tasks(String queue, String... names) {
        for (String name : names) {
            offer(TestingTask.task(name, queue).due(clocks.instant()));
        }
    }

    /** Creates {@code count} Tasks, {@code PREFIX0} and so on, that are due at once. */
    void crowd(String queue, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            tasks(queue, prefix + i);
        }
    }

    /** Offers a batch. */
    BatchFeed offer(TestingBatch batch) {
        return engine.batches().offer(batch.offer());
    }

    void cancel(String task) {
        engine.cancel(delivery(task));
    }

    void wake(Subject subject) {
        engine.wake(subject);
    }

    /** Lets time pass until then, and lets everything happen that is due on the way. */
    void at(String offset) {
        until(StoryClocks.offset(offset));
    }

    void until(Duration end) {
        int leaps = 0;
        threads.runAll();
        for (Duration next = time.next(); next != null && next.compareTo(end) <= 0; next = time.next()) {
            leaps = next.compareTo(time.passed()) > 0 ? 0 : leaps + 1;
            assertThat(leaps).as("leaps without time, at %s", time.passed()).isLessThan(RESTLESS);
            time.leap(engine::ring);
            threads.runAll();
        }
        time.moveTo(end);
    }

    /** Lets everything happen that is due now. */
    void soon() {
        until(time.passed());
    }

    /** Checks that exactly these Tasks' requests were sent since the last call, in this order. */
    void thenSent(String... names) {
        assertThat(sent().subList(reportedRequests, sent().size()))
                .as("sent by %s", Durations.format(time.passed()))
                .containsExactly(names);
        reportedRequests = sent().size();
    }

    void thenNothingSent() {
        thenSent();
    }

    /** Every request so far, by its Task's name. */
    List<String> sent() {
        return worker.requests.stream().map(attempt -> taskOf(attempt)).toList();
    }

    /** When each request of this Task was sent. */
    List<String> timesOf(String task) {
        return worker.requests.stream()
                .filter(attempt -> taskOf(attempt).equals(task))
                .map(attempt -> StoryClocks.text(attempt.dispatchedAt()))
                .toList();
    }

    int openRequests(String queue) {
        return worker.open.getOrDefault(new QueueId(TestingQueue.NAMESPACE, queue), 0);
    }

    QueueStats stats(String queue) {
        return engine.stats(new QueueId(TestingQueue.NAMESPACE, queue)).orElseThrow();
    }

    @Nullable DeliveryStatus status(String task) {
        return engine.deliveryStatus(delivery(task)).orElse(null);
    }

    /** The Task's last delivery. */
    Delivery delivery(String task) {
        return Objects.requireNonNull(deliveries.get(task), task);
    }

    static Subject subject(Obstacle.Kind kind, String name) {
        return new Subject(kind, TestingQueue.NAMESPACE, name);
    }

    /** The name of the Task or the item that an attempt delivers. */
    static String taskOf(AttemptContext attempt) {
        return nameOf(attempt.key());
    }

    /** The name of a Task, or {@code BATCH-INDEX} for an item. */
    static String nameOf(DeliveryKey key) {
        return switch (key) {
            case TaskId task -> task.name();
            case ItemId item -> item.batch().name() + "-" + item.index();
        };
    }
}
