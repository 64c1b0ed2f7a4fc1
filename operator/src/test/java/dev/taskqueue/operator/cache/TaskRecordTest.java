package dev.taskqueue.operator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.task.WrittenStatus;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests how the record of one Task handles messages that come late, twice or in another order than they were sent. */
class TaskRecordTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final String SPEC = "{queueRef: {name: 'orders'}, httpRequest: {}}";
    private static final String FAILED = "{state: 'Failed', dispatchCount: 1, completionTime: '2026-11-21T09:00:00Z'}";
    private static final String REDRIVEN = "{state: 'Queued', dispatchCount: 1, round: {number: 2}}";

    private final TaskCache tasks = new TaskCache();
    private final FinishedObjects<TaskRecord> finished = new FinishedObjects<>(Clocks.system());
    private final List<TaskEffect> effects = new ArrayList<>();
    private final TaskRecord record;

    TaskRecordTest() {
        TaskEffectHandler<TaskRecord> retention = TestingTasks.retention(finished);
        tasks.handleEffects((of, effect) -> {
            effects.add(effect);
            retention.handle(of, effect);
        });
        record = see(10, "", "{}");
        effects.clear();
    }

    @Test
    void anAcknowledgementKeepsWhatWasHeededMeanwhile() {
        WrittenStatus asBuilt = record.writtenStatus();
        record.beginOutcomeWrite(backingOff(1));
        see(12, runNow("1"), "{}");
        record.apply(new TaskMessage.OutcomeWritten(1, 11, backingOff(1), asBuilt));
        see(13, runNow("1"), "{}");
        assertThat(effects).containsOnlyOnce(new TaskEffect.RunNow(0));
        assertThat(record.writtenStatus().handled().runNow()).isEqualTo("1");
    }

    @Test
    void aTellingKeepsWhatWasHeededMeanwhile() {
        WrittenStatus asBuilt = record.writtenStatus();
        see(11, runNow("1"), "{}");
        record.apply(new TaskMessage.StatusWritten(1, 12, asBuilt));
        assertThat(record.writtenStatus().handled().runNow()).isEqualTo("1");
    }

    @Test
    void aTellingThatIsOlderThanAnOutcomeIsDropped() {
        record.beginOutcomeWrite(backingOff(1));
        WrittenStatus outcome = told("BackingOff/BackingOff");
        record.apply(new TaskMessage.OutcomeWritten(1, 12, backingOff(1), outcome));
        record.apply(new TaskMessage.StatusWritten(1, 11, told("Queued/Queued")));
        assertThat(record.writtenStatus()).isEqualTo(outcome);
        assertThat(record.resourceVersion()).isEqualTo(12);
    }

    @Test
    void anEndThatIsAcknowledgedAfterARedriveIsDropped() {
        record.beginOutcomeWrite(failed());
        see(11, "", FAILED);
        see(12, "", REDRIVEN);
        effects.clear();
        record.apply(new TaskMessage.OutcomeWritten(1, 11, failed(), told("Failed/RetriesExhausted")));
        assertThat(effects).isEmpty();
        assertThat(record.isFinished()).isFalse();
        assertThat(record.isEnding()).isFalse();
        assertThat(finished.failedRetained(ORDERS)).isZero();
    }

    @Test
    void theOutcomeOfAnEarlierRoundIsNotWritten() {
        record.beginOutcomeWrite(failed());
        see(12, "", REDRIVEN);
        assertThat(record.beginOutcomeWrite(failed())).isEqualTo(TaskRecord.OutcomeWriteStep.NOTHING);
        assertThat(record.isEnding()).isFalse();
    }

    @Test
    void anEndThatTheWatchToldFirstIsComparedAndNotWrittenAgain() {
        record.beginOutcomeWrite(failed());
        see(11, "", FAILED);
        assertThat(record.beginOutcomeWrite(failed())).isEqualTo(TaskRecord.OutcomeWriteStep.COMPARE);
        record.apply(new TaskMessage.OutcomeWritten(1, 11, failed(), told("Failed/RetriesExhausted")));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
    }

    @Test
    void aRedriveThatCameBeforeTheEndIsIgnoredAlsoAfterIt() {
        see(11, "annotations: {'taskqueue.dev/redrive': 'x'}", "{}");
        record.beginOutcomeWrite(failed());
        record.apply(new TaskMessage.OutcomeWritten(1, 12, failed(), WrittenStatus.NOTHING));
        see(13, "annotations: {'taskqueue.dev/redrive': 'x'}", FAILED);
        assertThat(effects).noneMatch(TaskEffect.StartRedrive.class::isInstance);
    }

    @Test
    void whatIsReadFromTheApiServerIsHeededLikeWhatTheWatchTells() {
        record.apply(new TaskMessage.Read(10, TaskReader.read(TestingTasks.task("a", 11, runNow("1"), SPEC, "{}"))));
        see(11, runNow("1"), "{}");
        assertThat(effects).containsExactly(new TaskEffect.RunNow(0));
        assertThat(record.writtenStatus().handled().runNow()).isEqualTo("1");
    }

    @Test
    void anOlderVersionCountsWhereItIsReadAndNothingNewerCameMeanwhile() {
        TaskObject restored = TaskReader.read(TestingTasks.task("a", 4));
        record.apply(new TaskMessage.Seen(restored, TaskMessage.Era.OWN));
        record.apply(new TaskMessage.Read(9, restored));
        assertThat(record.resourceVersion()).isEqualTo(10);
        record.apply(new TaskMessage.Read(10, restored));
        assertThat(record.resourceVersion()).isEqualTo(4);
    }

    @Test
    void whatSomebodysFinalizerKeepsIsNotSentAgain() {
        see(11, "", FAILED);
        effects.clear();
        see(12, "deletionTimestamp: '2026-11-21T09:01:00Z'", REDRIVEN);
        assertThat(effects).containsExactly(new TaskEffect.Unretain());
        see(13, "deletionTimestamp: '2026-11-21T09:01:00Z'", REDRIVEN);
        assertThat(effects).hasSize(1);
    }

    @Test
    void whatIsGoneHearsNothingMore() {
        record.beginOutcomeWrite(failed());
        tasks.remove(record.id);
        effects.clear();
        record.apply(new TaskMessage.OutcomeWritten(1, 12, failed(), WrittenStatus.NOTHING));
        record.apply(new TaskMessage.Seen(TaskReader.read(TestingTasks.task("a", 13)), TaskMessage.Era.OWN));
        assertThat(effects).isEmpty();
        assertThat(finished.failedRetained(ORDERS)).isZero();
    }

    @Test
    void aRedriveThatMayNotBeWrittenNowIsAskedForAgainOnce() {
        see(11, "annotations: {'taskqueue.dev/redrive': 'x'}", FAILED);
        record.apply(new TaskMessage.RedriveDeferred(1));
        see(12, "annotations: {'taskqueue.dev/redrive': 'x'}", FAILED);
        record.apply(new TaskMessage.LeadershipResumed());
        record.apply(new TaskMessage.LeadershipResumed());
        record.apply(new TaskMessage.RedriveDone(1, RedriveRequest.byTask("x")));
        record.apply(new TaskMessage.LeadershipResumed());
        assertThat(effects.stream().filter(TaskEffect.StartRedrive.class::isInstance))
                .containsExactly(
                        new TaskEffect.StartRedrive(RedriveRequest.byTask("x")),
                        new TaskEffect.StartRedrive(RedriveRequest.byTask("x")));
    }

    @Test
    void anAttemptWhoseOutcomeIsBeingWrittenIsNotTold() {
        var attempt = new DeliveryStatus.Dispatching(AttemptHistory.NONE, NOW, NOW, NOW);
        assertThat(record.isOvertaken(attempt)).isFalse();
        record.beginOutcomeWrite(backingOff(1));
        assertThat(record.isOvertaken(attempt)).isTrue();
        assertThat(record.isOvertaken(new DeliveryStatus.Queued(NOW))).isFalse();
    }

    private TaskRecord see(long version, String metadata, String status) {
        return TestingTasks.seen(tasks, TestingTasks.task("a", version, metadata, SPEC, status));
    }

    private static String runNow(String value) {
        return "annotations: {'taskqueue.dev/run-now': '" + value + "'}";
    }

    private static WrittenStatus told(String state) {
        return new WrittenStatus(state, true, NOW, NOW);
    }

    private static Entry.BackingOff backingOff(int attempts) {
        return new Entry.BackingOff(progress(attempts), NOW);
    }

    private static Entry.Finished failed() {
        return new Entry.Finished(progress(1), new Ending(Ending.Reason.RetriesExhausted, "500."), NOW);
    }

    private static AttemptHistory progress(int attempts) {
        var attempt = new AttemptRecord(attempts, NOW, NOW, NOW, 500, AttemptReason.ServerError, "500.");
        return new AttemptHistory(attempts, attempts, 0, 1, attempts, attempts, 0, NOW, List.of(attempt));
    }
}
