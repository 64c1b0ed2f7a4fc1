package dev.taskqueue.operator.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uses the real clock, because Quartz reads it. No test depends on the speed of the machine. */
class QuartzAlarmTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final QueueId MAIL = new QueueId("shop", "mail");
    private static final QueueId OTHER = new QueueId("shop", "other");

    private final Clocks clock = Clocks.system();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Ring> rings = new LinkedBlockingQueue<>();
    private final QuartzAlarm alarm = new QuartzAlarm("test-" + UUID.randomUUID(), clock, threads);

    /** @param at monotonic nanoseconds */
    private record Ring(QueueId queue, long at) {}

    @BeforeEach
    void start() {
        alarm.start(this::ring);
    }

    @AfterEach
    void stop() {
        alarm.close();
        threads.shutdownNow();
    }

    @Test
    void neverRingsEarlyNotEvenByPartOfAMillisecond() throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            Duration wait = Duration.ofNanos(7_000_000 + i * 131_071L);
            long from = clock.monotonic().getAsLong();
            alarm.set(MAIL, wait);
            Ring ring = next();
            assertThat(ring.queue()).isEqualTo(MAIL);
            assertThat(ring.at() - from).isGreaterThanOrEqualTo(wait.toNanos());
        }
    }

    @Test
    void aTimeThatHasPassedRingsAtOnceHoweverLongAgo() throws InterruptedException {
        alarm.set(MAIL, Duration.ofDays(-400));
        assertThat(next().queue()).isEqualTo(MAIL);
    }

    @Test
    void whatIsSetAgainMovesAndRingsOnce() throws InterruptedException {
        alarm.set(MAIL, Duration.ofDays(1));
        alarm.set(MAIL, Duration.ofMillis(50));
        assertThat(next().queue()).isEqualTo(MAIL);

        alarm.set(MAIL, Duration.ofMillis(20));
        alarm.set(MAIL, Duration.ofDays(1));
        alarm.set(OTHER, Duration.ofMillis(200));
        assertThat(next().queue()).isEqualTo(OTHER);
    }

    @Test
    void whatIsClearedDoesNotRingAndMayBeSetAgain() throws InterruptedException {
        alarm.clear(MAIL);
        alarm.set(MAIL, Duration.ofMillis(100));
        alarm.clear(MAIL);
        alarm.set(OTHER, Duration.ofMillis(300));
        assertThat(next().queue()).isEqualTo(OTHER);
        alarm.set(MAIL, Duration.ZERO);
        assertThat(next().queue()).isEqualTo(MAIL);
    }

    @Test
    void manyQueuesRingEachInItsTime() throws InterruptedException {
        List<QueueId> queues = IntStream.range(0, 500)
                .mapToObj(i -> new QueueId("team" + i % 7, "queue" + i))
                .toList();
        Map<QueueId, Long> due = new ConcurrentHashMap<>();
        for (int i = 0; i < queues.size(); i++) {
            Duration wait = Duration.ofMillis(i % 300);
            due.put(queues.get(i), clock.monotonic().getAsLong() + wait.toNanos());
            alarm.set(queues.get(i), wait);
        }
        for (int i = 0; i < queues.size(); i++) {
            Ring ring = next();
            Long expected = due.remove(ring.queue());
            assertThat(expected).as("%s rings once", ring.queue()).isNotNull();
            assertThat(ring.at()).isGreaterThanOrEqualTo(Objects.requireNonNull(expected));
        }
        assertThat(due).isEmpty();
    }

    @Test
    void queuesOfOneNameInTwoNamespacesAreTwo() throws InterruptedException {
        alarm.set(new QueueId("a", "mail"), Duration.ofMillis(20));
        alarm.set(new QueueId("b", "mail"), Duration.ofMillis(20));
        assertThat(List.of(next().queue().namespace(), next().queue().namespace()))
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aDutyRecursBesideTheQueuesAndAlsoAfterItFailed() throws InterruptedException {
        var turns = new CountDownLatch(5);
        alarm.every("tick", Duration.ofMillis(10), () -> {
            turns.countDown();
            throw new IllegalStateException("a duty that fails");
        });
        assertThat(turns.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aQueueMayBeNamedLikeADutyAndItsNamespaceLikeTheirGroup() throws InterruptedException {
        var turns = new LinkedBlockingQueue<String>();
        alarm.every("tick", Duration.ofMillis(10), () -> turns.add("turn"));
        for (String namespace : new String[] {"duties", "duty", "DEFAULT"}) {
            alarm.set(new QueueId(namespace, "tick"), Duration.ZERO);
            assertThat(next().queue()).isEqualTo(new QueueId(namespace, "tick"));
        }
        turns.clear();
        assertThat(turns.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("turn");
    }

    @Test
    void aWallClockThatIsSetMovesNothing() throws InterruptedException {
        var set = new AtomicLong();
        var movable = new Clocks(() -> Instant.now().plusSeconds(set.get()), System::nanoTime);
        try (var stepped = new QuartzAlarm("test-" + UUID.randomUUID(), movable, threads)) {
            stepped.start(this::ring);
            // First its triggers are an hour late, then an hour early.
            for (long step : new long[] {3600, 0}) {
                set.set(step);
                long from = clock.monotonic().getAsLong();
                stepped.set(MAIL, Duration.ofMillis(100));
                set.set(3600 - step);
                assertThat(next().at() - from).isGreaterThanOrEqualTo(100_000_000);
            }
            var turned = new CountDownLatch(1);
            stepped.every("tick", Duration.ofMillis(10), turned::countDown);
            set.set(-3600);
            assertThat(turned.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void keepsWhatIsSetBeforeItIsStarted() throws InterruptedException {
        try (var early = new QuartzAlarm("test-" + UUID.randomUUID(), clock, threads)) {
            early.set(MAIL, Duration.ZERO);
            early.start(this::ring);
            assertThat(next().queue()).isEqualTo(MAIL);
        }
    }

    private void ring(QueueId queue) {
        rings.add(new Ring(queue, clock.monotonic().getAsLong()));
    }

    private Ring next() throws InterruptedException {
        Ring ring = rings.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (ring == null) {
            throw new AssertionError("nothing has rung");
        }
        return ring;
    }
}
