package dev.taskqueue.operator.kube;

import static dev.taskqueue.operator.kube.TestingTasks.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryTest {
    private static final Instant START = Instant.parse("2026-11-21T09:00:00Z");

    @ParameterizedTest(name = "{0} attempts")
    @ValueSource(ints = {1, 2, 5, 6, 9})
    void whatWasWrittenIsReadBack(int attempts) throws IOException {
        Progress progress = progress(attempts);
        var entry = new Entry.BackingOff(progress, START.plusSeconds(1000));
        assertThat(History.of(written(StatusPatch.of(entry, Told.NOTHING, 1, START, null))))
                .isEqualTo(progress);
    }

    @Test
    void anInterruptedAttemptIsReadBackWithoutAnEnd() throws IOException {
        Progress progress = progress(2).plusInterrupted(START, START.plusMillis(3));
        var entry = new Entry.BackingOff(progress, START);
        assertThat(History.of(written(StatusPatch.of(entry, Told.NOTHING, 1, START, null))))
                .isEqualTo(progress);
    }

    @Test
    void aTaskNobodyHasSentHasNothingBehindIt() {
        assertThat(History.of(read("{}", TaskStatus.class))).isEqualTo(Progress.NONE);
        assertThat(History.of(read("{state: 'Pending'}", TaskStatus.class))).isEqualTo(Progress.NONE);
    }

    @Test
    void aTaskThatWasStartedAgainAndNotSentYetHasAllItsAttemptsBeforeIt() {
        Progress progress = History.of(read("""
                {dispatchCount: 3, responseCount: 3, executionCount: 1, round: {number: 2, attempts: 0},
                 lastAttempt: {number: 3, dispatchTime: '2026-11-21T09:00:00Z', reason: 'Unavailable'}}""", TaskStatus.class));
        assertThat(progress.round()).isEqualTo(2);
        assertThat(progress.roundAttempts()).isZero();
        assertThat(progress.firstDispatchAt()).isNull();
        assertThat(progress.dispatches()).isEqualTo(3);
        Progress never = History.of(read("{round: {number: 2, attempts: 0}}", TaskStatus.class));
        assertThat(never.round()).isEqualTo(2);
    }

    @Test
    void theLimitsCountFromTheLastRedrive() {
        Progress progress = History.of(read("""
                {dispatchCount: 7, responseCount: 6, executionCount: 2, round: {number: 2, attempts: 1},
                 firstAttempt: {dispatchTime: '2026-11-21T09:00:00.250Z'},
                 lastAttempt: {number: 7, dispatchTime: '2026-11-21T09:00:00.250Z', reason: 'Unavailable'}}""", TaskStatus.class));
        assertThat(progress.dispatches()).isEqualTo(7);
        assertThat(progress.roundAttempts()).isEqualTo(1);
        assertThat(progress.firstDispatchAt()).isEqualTo(START.plusMillis(250));
        assertThat(Objects.requireNonNull(progress.last()).scheduledAt()).isEqualTo(START.plusMillis(250));
    }

    @Test
    void aReasonOfANewerOperatorIsAnOutcomeNobodyKnows() {
        Progress progress = History.of(
                read("{dispatchCount: 1, lastAttempt: {number: 1, reason: 'Teleported'}}", TaskStatus.class));
        assertThat(Objects.requireNonNull(progress.last()).reason()).isEqualTo(AttemptReason.Interrupted);
    }

    @Test
    void whatStatusSaysIsToldOnlyOnce() throws IOException {
        var entry = new Entry.BackingOff(progress(1), START.plusSeconds(10));
        StatusPatch patch = StatusPatch.of(entry, Told.NOTHING, 1, START, null);
        assertThat(History.told(written(patch))).isEqualTo(patch.told());
        var ending = new Ending(Ending.Reason.InvalidSpec, "spec.x is wrong.");
        patch = StatusPatch.of(new Entry.Finished(Progress.NONE, ending, START), Told.NOTHING, 1, START, null);
        assertThat(History.told(written(patch))).isEqualTo(patch.told());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{state: 'Pending'}",
                "{state: 'Queued', conditions: []}",
                "{conditions: [{type: 'Accepted', status: 'True'}, {type: 'Succeeded', status: 'Unknown'}]}",
                "{state: 'Queued', conditions: [{type: 'Accepted', status: 'True'}]}",
            })
    void aStatusThatSaysNothingIsToldAnew(String status) {
        assertThat(History.told(read(status, TaskStatus.class))).isEqualTo(Told.NOTHING);
    }

    private static Progress progress(int attempts) {
        Progress progress = Progress.NONE;
        for (int n = 0; n < attempts; n++) {
            Instant due = START.plusSeconds(n);
            Outcome outcome = n % 3 == 2
                    ? new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "No answer.")
                    : Outcome.Answered.of(n % 3 == 0 ? 503 : 404);
            progress = progress.plus(due, due.plusMillis(5), due.plusMillis(250), outcome);
        }
        return progress;
    }

    private static TaskStatus written(StatusPatch patch) throws IOException {
        return TaskReader.JSON.treeToValue(
                TaskReader.JSON.readTree(patch.body()).path("status"), TaskStatus.class);
    }
}
