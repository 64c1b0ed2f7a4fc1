package dev.taskqueue.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteKind;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the writes of an outcome and of waiting status at the same time. */
class WaitingStatusWriterTest {
    private static final String WRITTEN = "{\"metadata\": {\"resourceVersion\": \"9\"}}";
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final AttemptHistory ONCE = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(503));
    private static final DeliveryStatus FIRST = new DeliveryStatus.Dispatching(AttemptHistory.NONE, NOW, NOW, NOW);
    private static final DeliveryStatus SECOND = new DeliveryStatus.Dispatching(ONCE, NOW, NOW, NOW);

    private final TestingApiServer server = new TestingApiServer();
    private final TaskCache tasks = new TaskCache();
    private final TestingRetries waits = new TestingRetries();
    private final TaskWriteContext context = new TaskWriteContext(
            server.api(), tasks, new WriteSlots(4), () -> true, () -> NOW, waits.retries(() -> NOW));
    private final TaskRecord record = TestingTasks.seen(tasks, TestingTasks.task("a", 1));

    WaitingStatusWriterTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void anEndIsNeverToldOver() {
        record.beginOutcomeWrite(new Entry.Finished(ONCE, new Ending(Ending.Reason.Delivered, "200."), NOW));
        // The engine learns of the end only after its write, and if the Task was queued, another moment later.
        assertThat(toldAfter(FIRST)).isEmpty();
        assertThat(toldAfter(new DeliveryStatus.Queued(NOW))).isEmpty();
    }

    @Test
    void anAttemptWhoseOutcomeIsWrittenIsNotInFlight() {
        record.beginOutcomeWrite(new Entry.BackingOff(ONCE, NOW.plusSeconds(1)));
        assertThat(toldAfter(FIRST)).isEmpty();
        assertThat(toldAfter(SECOND)).isEqualTo("Dispatching/Dispatching");
    }

    @Test
    void aTellingIsOfTheVersionFromBeforeTheStandingWasAsked() throws Exception {
        server.then(200, WRITTEN);
        var writer = new WaitingStatusWriter(
                context,
                "me",
                task -> Optional.of(new DeliveryStatus.Queued(NOW)),
                task -> {
                    record.apply(new TaskMessage.MetadataWritten(1, 100));
                    return Optional.of(new DeliveryStatus.Queued(NOW));
                },
                of -> Optional.empty());
        writer.writeWaitingStatus(record.id);
        JsonNode patch = server.thenPatched();
        assertThat(patch.path("metadata").path("resourceVersion").asText()).isEqualTo("1");
    }

    @Test
    void theRequestIsToldWithTheFirstNewsAndNotAgain() throws Exception {
        server.then(200, WRITTEN).then(200, WRITTEN);
        var asked = new AtomicInteger();
        var standing = new AtomicReference<DeliveryStatus>(new DeliveryStatus.Scheduled(NOW));
        var request = TestingTasks.read("{method: 'POST', queueGeneration: 3}", RequestSummary.class);
        var writer = new WaitingStatusWriter(
                context, "me", task -> Optional.of(standing.get()), task -> Optional.of(standing.get()), of -> {
                    asked.incrementAndGet();
                    return Optional.of(request);
                });
        writer.writeWaitingStatus(record.id);
        JsonNode patch = server.thenPatched();
        assertThat(patch.at("/status/request/queueGeneration").asInt()).isEqualTo(3);
        assertThat(record.writtenStatus().hasRequest()).isTrue();
        standing.set(new DeliveryStatus.Queued(NOW));
        writer.writeWaitingStatus(record.id);
        JsonNode next = server.thenPatched().path("status");
        assertThat(next.path("state").asText()).isEqualTo("Queued");
        assertThat(next.has("request")).isFalse();
        assertThat(asked).hasValue(1);
    }

    /** 200,000 Tasks that were created and deleted while one outcome was being written stayed in memory for ever, 278 bytes each. */
    @Test
    void aTaskIsInLineOnceAndWhatIsGoneIsNotHeld() {
        WriteSlots.Slot busy = context.slots().acquire(WriteKind.OUTCOME, record.queue);
        try (busy;
                var writer = writer(new DeliveryStatus.Queued(NOW))) {
            for (int i = 0; i < 2000; i++) {
                writer.note(new TaskId("shop", "unknown" + i, "u" + i));
                TaskRecord passing = TestingTasks.seen(tasks, TestingTasks.task("p" + i, 1));
                writer.note(passing.id);
                writer.note(passing.id);
            }
            assertThat(writer.size()).isEqualTo(2000);
            for (int i = 0; i < 2000; i++) {
                tasks.remove(new TaskId("shop", "p" + i, "uid-p" + i));
            }
            writer.start(Thread.ofPlatform().daemon().factory());
            waits.pass(Duration.ofSeconds(2));
            await().until(() -> writer.size() == 0);
        }
    }

    /** Of 3,801 attempts that lasted more than 2 s, only 186 were claimed, because a claim waited until no outcome was being written. */
    @Test
    void aClaimWaitsForNoOutcome() {
        server.then(200, WRITTEN);
        WriteSlots.Slot busy = context.slots().acquire(WriteKind.OUTCOME, record.queue);
        try (busy;
                var writer = writer(FIRST)) {
            writer.start(Thread.ofPlatform().daemon().factory());
            writer.note(record.id);
            waits.pass(Duration.ofSeconds(1));
            await().until(() -> record.writtenStatus().isClaimedBy("me"));
        }
    }

    @Test
    void underLoadTheOthersAreWrittenNowAndThen() {
        server.then(200, WRITTEN);
        WriteSlots.Slot busy = context.slots().acquire(WriteKind.OUTCOME, record.queue);
        try (busy;
                var writer = writer(new DeliveryStatus.Queued(NOW))) {
            writer.start(Thread.ofPlatform().daemon().factory());
            writer.note(record.id);
            waits.pass(Duration.ofSeconds(1));
            await().until(() -> record.writtenStatus().name().equals("Queued/Queued"));
        }
    }

    /** On a slow API server, a leader that had got SIGTERM wrote 376 waiting states before its last outcomes. */
    @Test
    void aWriterThatIsClosedWritesClaimsOnly() {
        server.then(200, WRITTEN);
        WaitingStatusWriter waiting = writer(new DeliveryStatus.Queued(NOW));
        waiting.close();
        waiting.writeWaitingStatus(record.id);
        assertThat(record.writtenStatus().name()).isEmpty();
        WaitingStatusWriter inFlight = writer(FIRST);
        inFlight.close();
        assertThat(inFlight.claim(record.id)).isTrue();
    }

    private WaitingStatusWriter writer(DeliveryStatus standing) {
        return new WaitingStatusWriter(
                context, "me", task -> Optional.of(standing), task -> Optional.of(standing), of -> Optional.empty());
    }

    private String toldAfter(DeliveryStatus standing) {
        server.then(200, WRITTEN);
        new WaitingStatusWriter(
                        context,
                        "me",
                        task -> Optional.of(standing),
                        task -> Optional.of(standing),
                        of -> Optional.empty())
                .writeWaitingStatus(record.id);
        return record.writtenStatus().name();
    }
}
