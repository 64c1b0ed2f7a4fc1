package dev.taskqueue.operator.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the real clock, because that is what Quartz reads; nothing here depends on how fast the machine is. */
class QuartzAlarmTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final QueueId MAIL = new QueueId("shop", "mail");
    private static final QueueId OTHER = new QueueId("shop", "other");

    private final InstantSource wall = InstantSource.system();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Ring> rings = new LinkedBlockingQueue<>();
    private final QuartzAlarm alarm = new QuartzAlarm(
            "test-" + UUID.randomUUID(), wall, threads, queue -> rings.add(new Ring(queue, wall.instant())));

    private record Ring(QueueId queue, Instant at) {}

    @BeforeEach
    void start() {
        alarm.start();
    }

    @AfterEach
    void stop() {
        alarm.close();
        threads.shutdownNow();
    }

    @Test
    void neverRingsEarlyNotEvenByPartOfAMillisecond() throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            Instant due = wall.instant().plusNanos(7_000_000 + i * 131_071L);
            alarm.set(MAIL, due);
            Ring ring = next();
            assertThat(ring.queue()).isEqualTo(MAIL);
            assertThat(ring.at()).isAfterOrEqualTo(due);
        }
    }

    @Test
    void aTimeThatHasPassedRingsAtOnceHoweverLongAgo() throws InterruptedException {
        alarm.set(MAIL, wall.instant().minus(Duration.ofDays(400)));
        assertThat(next().queue()).isEqualTo(MAIL);
    }

    @Test
    void whatIsSetAgainMovesAndRingsOnce() throws InterruptedException {
        alarm.set(MAIL, wall.instant().plus(Duration.ofDays(1)));
        Instant due = wall.instant().plusMillis(50);
        alarm.set(MAIL, due);
        assertThat(next().at()).isAfterOrEqualTo(due);

        alarm.set(MAIL, wall.instant().plusMillis(20));
        alarm.set(MAIL, wall.instant().plus(Duration.ofDays(1)));
        Instant after = wall.instant().plusMillis(200);
        alarm.set(OTHER, after);
        assertThat(next().queue()).isEqualTo(OTHER);
    }

    @Test
    void whatIsClearedDoesNotRingAndMayBeSetAgain() throws InterruptedException {
        alarm.clear(MAIL);
        alarm.set(MAIL, wall.instant().plusMillis(100));
        alarm.clear(MAIL);
        alarm.set(OTHER, wall.instant().plusMillis(300));
        assertThat(next().queue()).isEqualTo(OTHER);
        alarm.set(MAIL, wall.instant());
        assertThat(next().queue()).isEqualTo(MAIL);
    }

    @Test
    void manyQueuesRingEachInItsTime() throws InterruptedException {
        List<QueueId> queues = IntStream.range(0, 500)
                .mapToObj(i -> new QueueId("team" + i % 7, "queue" + i))
                .toList();
        Map<QueueId, Instant> due = new ConcurrentHashMap<>();
        Instant base = wall.instant();
        for (int i = 0; i < queues.size(); i++) {
            due.put(queues.get(i), base.plusMillis(i % 300));
            alarm.set(queues.get(i), base.plusMillis(i % 300));
        }
        for (int i = 0; i < queues.size(); i++) {
            Ring ring = next();
            Instant expected = due.remove(ring.queue());
            assertThat(expected).as("%s rings once", ring.queue()).isNotNull();
            assertThat(ring.at()).isAfterOrEqualTo(expected);
        }
        assertThat(due).isEmpty();
    }

    @Test
    void queuesOfOneNameInTwoNamespacesAreTwo() throws InterruptedException {
        alarm.set(new QueueId("a", "mail"), wall.instant().plusMillis(20));
        alarm.set(new QueueId("b", "mail"), wall.instant().plusMillis(20));
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
            alarm.set(new QueueId(namespace, "tick"), wall.instant());
            assertThat(next().queue()).isEqualTo(new QueueId(namespace, "tick"));
        }
        turns.clear();
        assertThat(turns.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("turn");
    }

    @Test
    void keepsWhatIsSetBeforeItIsStarted() throws InterruptedException {
        try (var early = new QuartzAlarm(
                "test-" + UUID.randomUUID(), wall, threads, queue -> rings.add(new Ring(queue, wall.instant())))) {
            early.set(MAIL, wall.instant());
            early.start();
            assertThat(next().queue()).isEqualTo(MAIL);
        }
    }

    private Ring next() throws InterruptedException {
        Ring ring = rings.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (ring == null) {
            throw new AssertionError("nothing has rung");
        }
        return ring;
    }
}
