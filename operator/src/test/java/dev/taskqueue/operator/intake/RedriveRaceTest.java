package dev.taskqueue.operator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.status.Redriver;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.task.WrittenStatus;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingEngine;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The watch is faster than the engine: its event arrives after the acknowledgement of an outcome and before the engine knows of it. */
class RedriveRaceTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:10Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final String SPEC = "{queueRef: {name: 'orders'}, httpRequest: {}}";
    private static final String REDRIVEN =
            "{state: 'Queued', dispatchCount: 1, round: {number: 2, startTime: '2026-11-21T09:00:00Z', attempts: 0}}";

    private final TestingApiServer server = new TestingApiServer();
    private final TaskCache tasks = new TaskCache();
    private final TaskWriteContext context =
            new TaskWriteContext(server.api(), tasks, new WriteSlots(1), () -> true, () -> NOW);
    private final FinishedObjects<TaskRecord> finished = new FinishedObjects<>(Clocks.system());
    private final List<Integer> sent = new ArrayList<>();
    private final List<Runnable> writtenStatus = new ArrayList<>();
    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final Engine engine = TestingEngine.of(
            (delivery, queue) -> new Dispatcher.Preparation.Ready(new PreparedRequest(sent)),
            this::write,
            () -> true,
            () -> NOW,
            threads::add);
    private final TaskIntake intake;

    RedriveRaceTest() throws IOException {
        NamespaceTerms terms = NamespaceTerms.alone(NOW, NOW.plusSeconds(30));
        var offers = new TaskOffers(
                new SpecRules(Duration.ofDays(30), Duration.ofHours(2)), context.wall(), terms, () -> Duration.ZERO);
        var redriver = new Redriver(context, finished, Runnable::run);
        var actions = new TaskActions(
                new TaskActions.Parts(engine, offers, finished, new SpecCache(0), redriver), context.wall(), terms);
        tasks.handleEffects(actions);
        intake = new TaskIntake(context, terms, Duration.ofSeconds(30));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void aRedriveIsNotSwallowed() {
        applySettings("{retry: {maxAttempts: 1}}");
        writtenStatus.add(() -> see(12, "", REDRIVEN));
        see(10, "", "{}");
        run();
        assertThat(sent).containsExactly(1, 2);
        // The second end was written, too.
        assertThat(record().isFinished()).isTrue();
        assertThat(record().round()).isEqualTo(2);
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
    }

    @Test
    void aRunNowIsNotSwallowed() {
        applySettings("{retry: {minBackoff: '1h'}}");
        writtenStatus.add(() ->
                see(12, "annotations: {'taskqueue.dev/run-now': '1'}", "{state: 'BackingOff', dispatchCount: 1}"));
        see(10, "", "{}");
        run();
        assertThat(sent).containsExactly(1, 2);
    }

    /** Does what the real journal does, but without a request: it writes the status, and gives the answer to the record. */
    private Journal.Receipt write(DeliveryId delivery, QueueId queue, Journal.Entry entry) {
        TaskRecord record = record();
        assertThat(record.beginOutcomeWrite(entry)).isEqualTo(TaskRecord.OutcomeWriteStep.WRITE);
        long version = record.resourceVersion() + 1;
        record.apply(new TaskMessage.OutcomeWritten(
                delivery.round(), version, entry, new WrittenStatus("written", true, NOW, NOW)));
        List<Runnable> events = List.copyOf(writtenStatus);
        writtenStatus.clear();
        events.forEach(Runnable::run);
        return new Journal.Receipt.Written();
    }

    private void run() {
        while (!threads.isEmpty()) {
            threads.removeFirst().run();
        }
    }

    private TaskRecord record() {
        return Objects.requireNonNull(tasks.get(TaskReader.id(TestingTasks.task("a", 1))));
    }

    private void see(long version, String metadata, String status) {
        JsonNode task = TestingTasks.task("a", version, metadata, SPEC, status);
        intake.seen(task, 1);
    }

    private void applySettings(String spec) {
        engine.applySettings(
                ORDERS,
                QueueProfile.read(TestingTasks.read(spec, TaskQueueSpec.class), false)
                        .settings(),
                true);
    }

    private record PreparedRequest(List<Integer> sent) implements Dispatcher.PreparedRequest {
        @Override
        public Dispatcher.FinalCheck finalCheck() {
            return new Dispatcher.FinalCheck.Passed(attempt -> {
                sent.add(attempt.before().dispatches() + 1);
                return new Departure.Left(Outcome.Answered.of(500));
            });
        }

        @Override
        public Duration deadline() {
            return Duration.ofMinutes(1);
        }

        @Override
        public long size() {
            return 1;
        }
    }
}
