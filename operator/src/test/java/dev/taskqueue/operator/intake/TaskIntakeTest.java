package dev.taskqueue.operator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.kube.FieldOwner;
import dev.taskqueue.operator.status.Redriver;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingEngine;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests how a standby, and then a leader, handles the events of the watch. */
class TaskIntakeTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:10Z");
    private static final TaskId A = new TaskId("shop", "a", "uid-a");
    private static final String CLAIM = """
            {state: 'Dispatching', claim: {attempt: 1, scheduleTime: '2026-11-21T09:00:00Z',
              dispatchTime: '2026-11-21T09:00:00Z', deadline: '2026-11-21T10:00:00Z', holder: 'other'}}""";
    private static final String BACKING_OFF = """
            {state: 'BackingOff', dispatchCount: 1, nextAttemptTime: '2026-11-21T09:30:00Z',
              lastAttempt: {number: 1, dispatchTime: '2026-11-21T09:00:00Z', reason: 'HTTPError'}}""";
    private static final String SUCCEEDED = "{state: 'Succeeded', completionTime: '2026-11-21T09:00:05Z'}";

    private final TestingApiServer server = new TestingApiServer();
    private final TaskCache tasks = new TaskCache();
    private final TaskWriteContext context =
            new TaskWriteContext(server.api(), tasks, new WriteSlots(1), () -> false, () -> NOW);
    private final Engine engine = TestingEngine.silent(() -> NOW, () -> false);
    private final FinishedObjects<TaskRecord> finished = new FinishedObjects<>(Clocks.system());
    private final SpecCache specs = new SpecCache(1 << 20);
    private final Map<QueueId, Integer> created = new HashMap<>();
    private final TaskIntake intake = intake(false);

    TaskIntakeTest() throws IOException {
        var profile = QueueProfile.read(TestingTasks.read("{}", TaskQueueSpec.class), false);
        engine.applySettings(new QueueId("shop", "orders"), profile.settings(), false);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void onAStandbyEveryChangeOfATaskCounts() {
        intake.seen(task(1, "{}"), 1);
        assertThat(standing(A)).get().isInstanceOf(DeliveryStatus.Queued.class);
        intake.seen(task(2, CLAIM), 1);
        assertThat(isClaimed(A)).isTrue();
        intake.seen(task(3, BACKING_OFF), 1);
        assertThat(standing(A)).contains(new DeliveryStatus.BackingOff(Instant.parse("2026-11-21T09:30:00Z")));
        intake.seen(task(4, SUCCEEDED), 1);
        assertThat(standing(A)).isEmpty();
        // An operator that starts only now would do the same: a Task that was started again is offered again.
        intake.seen(task(5, BACKING_OFF), 1);
        assertThat(standing(A)).get().isInstanceOf(DeliveryStatus.BackingOff.class);
    }

    @Test
    void onAStandbyWhatIsOlderThanWhatIsKnownIsNoNews() {
        intake.seen(task(3, BACKING_OFF), 1);
        intake.seen(task(2, CLAIM), 1);
        assertThat(isClaimed(A)).isFalse();
    }

    @Test
    void aStandbyKeepsNoPayloads() {
        intake.seen(task(1, "{}"), 1);
        assertThat(record("a").takeSpec(specs)).isNull();
        intake(true).seen(TestingTasks.task("b", 1), 1);
        assertThat(record("b").takeSpec(specs)).isNotNull();
    }

    @Test
    void aLeaderKnowsMoreThanTheObjectButForWhatItsPredecessorWrote() {
        intake.seen(task(1, "{}"), 1);
        intake.expectClaims("shop");
        intake.lead("shop", 5);
        intake.seen(task(5, BACKING_OFF), 1);
        assertThat(standing(A)).get().isInstanceOf(DeliveryStatus.BackingOff.class);
        intake.seen(task(6, CLAIM), 1);
        assertThat(isClaimed(A)).isFalse();
    }

    @Test
    void aClaimCountsUntilItsDeadlineOrTheEndOfItsHoldersGraceFromTheTakeOverOn() {
        intake.seen(task(1, CLAIM), 1);
        assertThat(claimEnd()).contains(Instant.parse("2026-11-21T10:00:02Z"));
        intake.expectClaims("shop");
        intake.adopt(task(1, CLAIM));
        intake.lead("shop", 5);
        assertThat(claimEnd()).contains(NOW.plusSeconds(30));
    }

    @Test
    void aClaimThatTheWatchHasNotToldYetIsAdopted() {
        intake.seen(task(1, "{}"), 1);
        intake.expectClaims("shop");
        intake.adopt(task(2, CLAIM));
        intake.adopt(json("b", 3, CLAIM));
        intake.lead("shop", 5);
        assertThat(isClaimed(A)).isTrue();
        assertThat(isClaimed(new TaskId("shop", "b", "uid-b"))).isTrue();
    }

    @Test
    void aClaimThatCannotBeReadIsAdoptedUntilTheEndOfItsHoldersGrace() {
        intake.seen(task(1, CLAIM.replace("10:00:00Z", "10:00:00+19:00")), 1);
        intake.expectClaims("shop");
        intake.adopt(task(1, CLAIM.replace("10:00:00Z", "10:00:00+19:00")));
        intake.lead("shop", 5);
        assertThat(claimEnd()).contains(NOW.plusSeconds(30));
    }

    @Test
    void aClaimThatTheWatchHasSeenEndIsNotAdopted() {
        intake.seen(task(3, BACKING_OFF), 1);
        intake.expectClaims("shop");
        intake.adopt(task(2, CLAIM));
        assertThat(isClaimed(A)).isFalse();
    }

    @Test
    void anOutcomeThatAFormerLeaderWritesOfItsClaimCounts() {
        intake.expectClaims("shop");
        intake.adopt(task(1, CLAIM));
        intake.lead("shop", 5);
        intake.seen(task(7, BACKING_OFF), 1);
        assertThat(isClaimed(A)).isFalse();
        assertThat(standing(A)).get().isInstanceOf(DeliveryStatus.BackingOff.class);
    }

    @Test
    void eachNamespaceIsLedByItself() {
        intake.seen(task(1, "{}"), 1);
        intake.expectClaims("other");
        intake.lead("other", 2);
        intake.seen(task(7, BACKING_OFF), 1);
        assertThat(standing(A)).get().isInstanceOf(DeliveryStatus.BackingOff.class);
        intake.expectClaims("shop");
        intake.lead("shop", 9);
        intake.seen(task(10, CLAIM), 1);
        assertThat(isClaimed(A)).isFalse();
    }

    @Test
    void whereAllNamespacesAreFollowedTogetherTheyAreLedTogether() {
        intake.seen(task(1, "{}"), 1);
        intake.expectClaims("");
        intake.lead("", 5);
        intake.seen(task(6, CLAIM), 1);
        assertThat(isClaimed(A)).isFalse();
    }

    @Test
    void onlyALeaderCountsTheTasksThatAreCreatedAndEachOnce() {
        intake.seen(json("old", 1, "{}"), 1);
        assertThat(created).isEmpty();
        intake.expectClaims("shop");
        intake.lead("shop", 5);
        intake.seen(json("old", 6, "{}"), 1);
        // A list shows it late, but it is older than the term.
        intake.seen(json("late", 4, "{}"), 2);
        assertThat(created).isEmpty();
        intake.seen(json("new", 7, "{}"), 2);
        intake.seen(json("new", 8, BACKING_OFF), 2);
        assertThat(created).containsExactly(Map.entry(new QueueId("shop", "orders"), 1));
    }

    private Optional<Instant> claimEnd() {
        return standing(A)
                .filter(DeliveryStatus.Dispatching.class::isInstance)
                .map(standing -> ((DeliveryStatus.Dispatching) standing).deadlineAt());
    }

    private TaskRecord record(String name) {
        return Objects.requireNonNull(tasks.get(new TaskId("shop", name, "uid-" + name)));
    }

    private TaskIntake intake(boolean alone) {
        var rules = new SpecRules(Duration.ofDays(30), Duration.ofHours(2));
        NamespaceTerms terms = alone ? NamespaceTerms.alone(NOW, NOW.plusSeconds(30)) : NamespaceTerms.standby();
        var offers = new TaskOffers(rules, context.wall(), terms, () -> Duration.ZERO);
        var redriver = new Redriver(context, finished, Runnable::run);
        var actions = new TaskActions(
                new TaskActions.Parts(engine, offers, finished, specs, redriver), context.wall(), terms);
        tasks.handleEffects(actions);
        var listener = new Listener() {
            @Override
            public void created(QueueId queue, int deliveries) {
                created.merge(queue, deliveries, Integer::sum);
            }
        };
        var foreignWrites = new ForeignWriteDetector(FieldOwner.ALONE, found -> {});
        return new TaskIntake(context, terms, Duration.ofSeconds(30), foreignWrites, listener);
    }

    private static JsonNode task(long version, String status) {
        return json("a", version, status);
    }

    private static JsonNode json(String name, long version, String status) {
        ObjectNode task = (ObjectNode) TestingTasks.task(name, version);
        task.set("status", TestingTasks.json(status));
        return task;
    }

    private boolean isClaimed(TaskId task) {
        return engine.isClaimed(
                Objects.requireNonNull(Objects.requireNonNull(tasks.get(task)).delivery()));
    }

    private Optional<DeliveryStatus> standing(TaskId task) {
        return Optional.ofNullable(tasks.get(task)).map(TaskRecord::delivery).flatMap(engine::deliveryStatus);
    }
}
