package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.testing.TestingEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One purge from its order to its end, and the ways to end it early. Each reconcile step gets the status that the step before wrote. */
class PurgeOperationTest {
    private static final Instant START = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId MAIL = new QueueId("shop", "mail");
    private static final String PAST = "2026-11-21T08:00:00Z";

    private Instant now = START;
    /** By how much somebody has set the wall clock. */
    private Duration set = Duration.ZERO;

    private boolean allSeen = true;
    private long queueVersion = 1;
    private long seenVersion = 1;
    private @Nullable Purge told;
    private final Map<String, Delivery> deliveries = new HashMap<>();

    private final Engine engine = TestingEngine.silent(() -> now, () -> true);

    private final PurgeOperation purges = new PurgeOperation(engine, new QueueTasks() {
        @Override
        public boolean isSynced(String namespace) {
            return allSeen;
        }

        @Override
        public boolean hasSeen(String namespace, long version) {
            return version <= seenVersion;
        }

        @Override
        public Duration aheadOfServer() {
            return Duration.ZERO;
        }

        @Override
        public int failedRetained(QueueId queue) {
            return 0;
        }

        @Override
        public int succeededRetained(QueueId queue) {
            return 0;
        }

        @Override
        public String refusedWrite(QueueId queue) {
            return "";
        }

        @Override
        public int redrive(QueueId queue, String value, Instant failedBy) {
            return 0;
        }
    });

    @Test
    void anOrderIsWrittenDownBeforeAnythingHappens() {
        create("old", "-2h");
        OperationStep<Purge> look = step(PAST);
        assertThat(look.status()).isEqualTo(new Purge(PAST, PAST, 1, null));
        // The write itself brings it back. Otherwise one that is refused would be repeated without a pause.
        assertThat(look.again()).isNull();
        assertThat(engine.purgingQueues()).isEmpty();
        step(PAST);
        assertThat(engine.toBePurged(MAIL)).containsExactly(delivery("old"));
    }

    @Test
    void progressIsToldEveryTwoSecondsAndTheEndAtOnce() {
        create("a", "-2h");
        create("b", "-2h");
        create("new", "-30m");
        step(PAST);
        assertThat(step(PAST).again()).isEqualTo(Duration.ofSeconds(2));
        assertRemaining(2);
        engine.cancel(delivery("a"));
        now = START.plusMillis(500);
        assertThat(step(PAST).again()).isEqualTo(Duration.ofMillis(1500));
        assertRemaining(2);
        now = START.plusSeconds(2);
        assertThat(step(PAST).again()).isEqualTo(Duration.ofSeconds(2));
        assertRemaining(1);
        engine.cancel(delivery("b"));
        now = START.plusMillis(2600);
        assertThat(step(PAST)).isEqualTo(new OperationStep<>(new Purge(PAST, PAST, 0, "2026-11-21T09:00:02Z"), null));
        assertThat(engine.purgingQueues()).isEmpty();
        assertThat(engine.deliveryStatus(delivery("new"))).isPresent();
    }

    @Test
    void doneItIsNotDoneAgain() {
        step(PAST);
        step(PAST);
        Purge done = told;
        create("restored", "-2h");
        assertThat(step(PAST)).isEqualTo(new OperationStep<>(done, null));
        assertThat(engine.purgingQueues()).isEmpty();
    }

    @Test
    void untilAllTasksAreKnownItIsNeverDone() {
        allSeen = false;
        step(PAST);
        assertThat(step(PAST).again()).isEqualTo(Duration.ofSeconds(2));
        assertThat(Objects.requireNonNull(told).remaining()).isNull();
        assertThat(told.completionTime()).isNull();
        create("old", "-2h");
        assertThat(engine.toBePurged(MAIL)).containsExactly(delivery("old"));
        allSeen = true;
        now = START.plusSeconds(2);
        step(PAST);
        assertRemaining(1);
    }

    /** The watch of Tasks may be minutes behind that of queues. */
    @Test
    void itIsNotDoneBeforeTheWatchOfTasksIsAsFarAsTheQueueWasAtItsBeginning() {
        step(PAST);
        queueVersion = 8;
        step(PAST);
        queueVersion = 9;
        now = START.plusSeconds(100);
        step(PAST);
        assertThat(Objects.requireNonNull(told).completionTime()).isNull();
        create("late", "-2h");
        assertThat(engine.toBePurged(MAIL)).containsExactly(delivery("late"));
        engine.cancel(delivery("late"));
        seenVersion = 8;
        now = START.plusSeconds(102);
        step(PAST);
        assertThat(Objects.requireNonNull(told).completionTime()).isEqualTo("2026-11-21T09:01:42Z");
    }

    @Test
    void whatWasCreatedJustBeforeTheCutoffHasTimeToComeIn() {
        String future = "2126-01-01T00:00:00Z";
        step(future);
        step(future);
        assertThat(told).isEqualTo(new Purge(future, "2026-11-21T09:00:00Z", 0, null));
        create("late", "-1s");
        now = START.plusSeconds(2);
        step(future);
        assertRemaining(1);
        engine.cancel(delivery("late"));
        step(future);
        assertThat(Objects.requireNonNull(told).completionTime()).isEqualTo("2026-11-21T09:00:02Z");
    }

    @Test
    void removedItStopsAndTheSameTimeGoesOn() {
        create("old", "-2h");
        step(PAST);
        step(PAST);
        Purge stopped = told;
        assertThat(step(null)).isEqualTo(new OperationStep<>(stopped, null));
        assertThat(engine.purgingQueues()).isEmpty();
        step(PAST);
        assertThat(engine.toBePurged(MAIL)).containsExactly(delivery("old"));
    }

    @Test
    void anotherTimeStopsItAndIsWrittenDownFirst() {
        create("old", "-2h");
        step(PAST);
        step(PAST);
        String earlier = "2026-11-21T06:00:00Z";
        step(earlier);
        assertThat(told).isEqualTo(new Purge(earlier, earlier, 0, null));
        assertThat(engine.purgingQueues()).isEmpty();
    }

    @Test
    void aWallClockThatIsSetBackDoesNotStopIt() {
        step("2026-11-21T09:00:00Z");
        set = Duration.ofHours(-1);
        step("2026-11-21T09:00:00Z");
        assertRemaining(0);
        now = now.plusSeconds(2);
        step("2026-11-21T09:00:00Z");
        assertThat(Objects.requireNonNull(told).completionTime()).isNotNull();
    }

    @Test
    void ofAQueueThatIsGoneNothingIsPurged() {
        create("old", "-2h");
        step(PAST);
        step(PAST);
        purges.forget(MAIL);
        assertThat(engine.purgingQueues()).isEmpty();
    }

    private OperationStep<Purge> step(@Nullable String value) {
        OperationStep<Purge> look =
                purges.step(new PurgeOperation.Reading(MAIL, queueVersion, value, told), now.plus(set), now);
        told = look.status();
        return look;
    }

    private void assertRemaining(int count) {
        assertThat(Objects.requireNonNull(told).remaining()).isEqualTo(count);
        assertThat(told.completionTime()).isNull();
    }

    /** @param age such as {@code -2h}, before the start */
    private void create(String name, String age) {
        Instant created = START.minus(Duration.parse("PT" + age.substring(1)));
        deliveries.put(
                name,
                engine.offer(new Offer(
                        new DeliveryId(id(name), 1),
                        MAIL,
                        created,
                        created,
                        START,
                        null,
                        AttemptHistory.NONE,
                        null,
                        null,
                        null)));
    }

    private Delivery delivery(String name) {
        return Objects.requireNonNull(deliveries.get(name));
    }

    private static TaskId id(String name) {
        return new TaskId("shop", name, "uid-" + name);
    }
}
