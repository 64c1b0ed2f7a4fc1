package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.engine.Standing;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An outcome and a telling at the same time. */
class WaitingStatusWriterTest {
    private static final String WRITTEN = "{\"metadata\": {\"resourceVersion\": \"9\"}}";
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final Progress ONCE = Progress.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(503));
    private static final Standing FIRST = new Standing.Dispatching(Progress.NONE, NOW, NOW, NOW);
    private static final Standing SECOND = new Standing.Dispatching(ONCE, NOW, NOW, NOW);

    private final TestingApiServer server = new TestingApiServer();
    private final Tasks tasks = new Tasks();
    private final TestingWaits waits = new TestingWaits();
    private final Cluster cluster = new Cluster(server.api(), tasks, new WriteSlots(1), () -> true, () -> NOW, waits.retries(() -> NOW));
    private final TaskRecord record = new TaskRecord(TaskReader.read(TestingTasks.task("a", 1)), null, Told.NOTHING);

    WaitingStatusWriterTest() throws IOException {
        tasks.put(record);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void anEndIsNeverToldOver() {
        record.conclude(new Entry.Finished(ONCE, new Ending(Ending.Reason.Delivered, "200."), NOW));
        // The engine hears of the end only after its write, and where the Task was queued, a moment later still.
        assertThat(toldAfter(FIRST)).isEmpty();
        assertThat(toldAfter(new Standing.Queued(NOW))).isEmpty();
    }

    @Test
    void anAttemptWhoseOutcomeIsWrittenIsNotInFlight() {
        record.conclude(new Entry.BackingOff(ONCE, NOW.plusSeconds(1)));
        assertThat(toldAfter(FIRST)).isEmpty();
        assertThat(toldAfter(SECOND)).isEqualTo("Dispatching/Dispatching");
    }

    @Test
    void aTellingIsOfTheVersionFromBeforeTheStandingWasAsked() throws Exception {
        server.then(200, WRITTEN);
        var writer = new WaitingStatusWriter(
                cluster,
                "me",
                task -> {
                    record.seen(100);
                    return Optional.of(new Standing.Queued(NOW));
                },
                of -> Optional.empty());
        writer.tell(record.id);
        JsonNode patch = TaskReader.JSON.readTree(server.request().body());
        assertThat(patch.path("metadata").path("resourceVersion").asText()).isEqualTo("1");
    }

    @Test
    void theRequestIsToldWithTheFirstNewsAndNotAgain() throws Exception {
        server.then(200, WRITTEN).then(200, WRITTEN);
        var asked = new AtomicInteger();
        var standing = new AtomicReference<Standing>(new Standing.Scheduled(NOW));
        var request = TestingTasks.read("{method: 'POST', queueGeneration: 3}", RequestSummary.class);
        var writer = new WaitingStatusWriter(cluster, "me", task -> Optional.of(standing.get()), of -> {
            asked.incrementAndGet();
            return Optional.of(request);
        });
        writer.tell(record.id);
        JsonNode patch = TaskReader.JSON.readTree(server.request().body());
        assertThat(patch.at("/status/request/queueGeneration").asInt()).isEqualTo(3);
        assertThat(record.told().request()).isTrue();
        standing.set(new Standing.Queued(NOW));
        writer.tell(record.id);
        assertThat(server.request().body()).contains("Queued").doesNotContain("\"request\"");
        assertThat(asked).hasValue(1);
    }

    private String toldAfter(Standing standing) {
        server.then(200, WRITTEN);
        new WaitingStatusWriter(cluster, "me", task -> Optional.of(standing), of -> Optional.empty()).tell(record.id);
        return record.told().state();
    }
}
