package dev.taskqueue.operator.task;

import static dev.taskqueue.operator.testing.TestingTasks.read;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusReaderTest {
    private static final Pattern TIMES = Pattern.compile("Time\":\"([^\"]*)\"");
    private static final Instant START = Instant.parse("2026-11-21T09:00:00Z");

    @ParameterizedTest(name = "{0} attempts")
    @ValueSource(ints = {1, 2, 5, 6, 9})
    void whatWasWrittenIsReadBack(int attempts) throws IOException {
        AttemptHistory progress = progress(attempts);
        var entry = new Entry.BackingOff(progress, START.plusSeconds(1000));
        assertThat(StatusReader.attemptHistory(written(StatusPatch.of(entry, WrittenStatus.NOTHING, 1, START, null))))
                .isEqualTo(progress);
    }

    @Test
    void anInterruptedAttemptIsReadBackWithoutAnEnd() throws IOException {
        AttemptHistory progress = progress(2).plusInterrupted(START, START.plusMillis(3));
        var entry = new Entry.BackingOff(progress, START);
        assertThat(StatusReader.attemptHistory(written(StatusPatch.of(entry, WrittenStatus.NOTHING, 1, START, null))))
                .isEqualTo(progress);
    }

    @Test
    void aTaskNobodyHasSentHasNothingBehindIt() {
        assertThat(StatusReader.attemptHistory(read("{}", TaskStatus.class))).isEqualTo(AttemptHistory.NONE);
        assertThat(StatusReader.attemptHistory(read("{state: 'Pending'}", TaskStatus.class)))
                .isEqualTo(AttemptHistory.NONE);
    }

    @Test
    void aTaskThatWasStartedAgainAndNotSentYetHasAllItsAttemptsBeforeIt() {
        AttemptHistory progress = StatusReader.attemptHistory(read("""
                {dispatchCount: 3, responseCount: 3, executionCount: 1, round: {number: 2, attempts: 0},
                 lastAttempt: {number: 3, dispatchTime: '2026-11-21T09:00:00Z', reason: 'Unavailable'}}""", TaskStatus.class));
        assertThat(progress.round()).isEqualTo(2);
        assertThat(progress.roundAttempts()).isZero();
        assertThat(progress.roundResponses()).isZero();
        assertThat(progress.firstDispatchAt()).isNull();
        assertThat(progress.dispatches()).isEqualTo(3);
        AttemptHistory never = StatusReader.attemptHistory(read("{round: {number: 2, attempts: 0}}", TaskStatus.class));
        assertThat(never.round()).isEqualTo(2);
    }

    @Test
    void theLimitsCountFromTheLastRedrive() {
        AttemptHistory progress = StatusReader.attemptHistory(read("""
                {dispatchCount: 7, responseCount: 6, executionCount: 2, round: {number: 2, attempts: 1, responses: 1},
                 firstAttempt: {dispatchTime: '2026-11-21T09:00:00.250Z'},
                 lastAttempt: {number: 7, dispatchTime: '2026-11-21T09:00:00.250Z', reason: 'Unavailable'}}""", TaskStatus.class));
        assertThat(progress.dispatches()).isEqualTo(7);
        assertThat(progress.executions()).isEqualTo(2);
        assertThat(progress.roundResponses()).isEqualTo(1);
        assertThat(progress.roundExecutions()).isZero();
        assertThat(progress.roundAttempts()).isEqualTo(1);
        assertThat(progress.firstDispatchAt()).isEqualTo(START.plusMillis(250));
        assertThat(Objects.requireNonNull(progress.last()).scheduledAt()).isEqualTo(START.plusMillis(250));
    }

    @Test
    void aReasonOfANewerOperatorIsAnOutcomeNobodyKnows() {
        AttemptHistory progress = StatusReader.attemptHistory(
                read("{dispatchCount: 1, lastAttempt: {number: 1, reason: 'Teleported'}}", TaskStatus.class));
        assertThat(Objects.requireNonNull(progress.last()).reason()).isEqualTo(AttemptReason.Interrupted);
    }

    @Test
    void whatStatusSaysIsToldOnlyOnce() throws IOException {
        var entry = new Entry.BackingOff(progress(1), START.plusSeconds(10));
        StatusPatch patch = StatusPatch.of(entry, WrittenStatus.NOTHING, 1, START, null);
        assertThat(StatusReader.writtenStatus(written(patch))).isEqualTo(patch.writtenStatus());
        var ending = new Ending(Ending.Reason.InvalidSpec, "spec.x is wrong.");
        patch = StatusPatch.of(
                new Entry.Finished(AttemptHistory.NONE, ending, START), WrittenStatus.NOTHING, 1, START, null);
        assertThat(StatusReader.writtenStatus(written(patch))).isEqualTo(patch.writtenStatus());
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
        assertThat(StatusReader.writtenStatus(read(status, TaskStatus.class))).isEqualTo(WrittenStatus.NOTHING);
    }

    /** The API server accepts these values as times, but Java does not, or they could not be written back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-21T09:00:00+19:00",
                "2026-11-21T09:00:00+23:59",
                "2026-11-21T09:00:00,5Z",
                "2026-11-21T09:00:00.1234567890123Z",
                "2026-11-21T09:00:00Ztail",
                "9999-12-31T23:59:59-01:00",
                "0000-01-01T00:00:00Z",
                ""
            })
    void aTimeThatCannotBeReadCountsAsAbsent(String time) throws IOException {
        TaskObject task = object("""
                {state: 'BackingOff', dispatchCount: 2, completionTime: '%1$s', nextAttemptTime: '%1$s',
                 conditions: [{type: 'Accepted', status: 'True', reason: 'Accepted', message: '', lastTransitionTime: '%1$s'},
                   {type: 'Succeeded', status: 'Unknown', reason: 'BackingOff', message: '', lastTransitionTime: '%1$s'}],
                 round: {number: 2, startTime: '%1$s', attempts: 2}, firstAttempt: {dispatchTime: '%1$s'},
                 lastAttempt: {number: 2, scheduleTime: '%1$s', dispatchTime: '%1$s', responseTime: '%1$s'},
                 attempts: [{number: 1, dispatchTime: '%1$s'}, {number: 2, dispatchTime: '%1$s', responseTime: '%1$s'}]}""".formatted(time));
        AttemptHistory progress = StatusReader.attemptHistory(task.status());
        assertThat(progress.firstDispatchAt()).isNull();
        assertThat(Objects.requireNonNull(progress.last()).respondedAt()).isNull();
        assertThat(StatusReader.openSince(task)).isEqualTo(task.createdAt());
        assertThat(task.endedAt()).isNull();
        assertThat(DueTime.of(task, task.spec(), START, java.time.Duration.ZERO))
                .isEqualTo(START);
        WrittenStatus writtenStatus = StatusReader.writtenStatus(task.status());
        assertThat(writtenStatus.name()).isEqualTo("BackingOff/BackingOff");
        var end = new Entry.Finished(progress, new Ending(Ending.Reason.Expired, "It expired."), START);
        String body = StatusPatch.of(end, writtenStatus, 1, START, null).body();
        assertThat(TIMES.matcher(body).results().map(found -> found.group(1)))
                .as("times that are written")
                .hasSizeGreaterThan(5)
                .allSatisfy(written -> assertThat(Times.read(written)).isPresent());
    }

    @Test
    void aClaimHoldsUntilAWhileAfterItsDeadlineOrTheEndOfAllClaims() {
        TaskObject task = object(claim("2026-11-21T09:10:00Z"));
        Instant due = START.plusSeconds(1);
        assertThat(StatusReader.claim(task, Instant.MAX))
                .isEqualTo(new Offer.Claim(due, due.plusMillis(5), START.plusSeconds(602)));
        assertThat(StatusReader.claim(task, START.plusSeconds(30)))
                .isEqualTo(new Offer.Claim(due, due.plusMillis(5), START.plusSeconds(30)));
        assertThat(StatusReader.claim(object("{}"), START)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{claim: {}}",
                "{claim: {attempt: 1, deadline: '2026-11-21T09:10:00Z', holder: 'other'}}",
                "{claim: {scheduleTime: '2026-11-21T09:00:00+19:00', dispatchTime: '2026-11-21T09:00:00Z', deadline: '2026-11-21T09:10:00Z'}}"
            })
    void aClaimThatCannotBeReadHoldsUntilTheEndOfAllClaims(String status) {
        Instant latest = START.plusSeconds(30);
        assertThat(StatusReader.claim(object(status), latest)).isEqualTo(new Offer.Claim(START, START, latest));
        assertThat(Objects.requireNonNull(StatusReader.claim(object(claim("2026-11-21T09:00:00+19:00")), latest))
                        .until())
                .isEqualTo(latest);
        assertThat(Objects.requireNonNull(StatusReader.claim(object(status), Instant.MAX))
                        .until()
                        .toEpochMilli())
                .as("a standby does not know that end yet, and reckons in milliseconds")
                .isPositive();
    }

    @Test
    void countsThatOthersWroteLeaveRoomForMore() {
        AttemptHistory progress = StatusReader.attemptHistory(
                        read("{dispatchCount: 2147483647, responseCount: 2147483647}", TaskStatus.class))
                .plus(START, START, START, Outcome.Answered.of(503));
        assertThat(progress.dispatches()).isPositive();
        assertThat(progress.responses()).isPositive();
        assertThat(progress.roundAttempts()).isPositive();
    }

    private static String claim(String deadline) {
        return """
                {claim: {attempt: 1, scheduleTime: '2026-11-21T09:00:01Z', dispatchTime: '2026-11-21T09:00:01.005Z',
                 deadline: '%s', holder: 'other'}}""".formatted(deadline);
    }

    private static TaskObject object(String status) {
        ObjectNode task = (ObjectNode) TestingTasks.task("a", 1);
        task.set("status", TestingTasks.json(status));
        return TaskReader.read(task);
    }

    private static AttemptHistory progress(int attempts) {
        AttemptHistory progress = AttemptHistory.NONE;
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
        return TaskJson.MAPPER.treeToValue(
                TaskJson.MAPPER.readTree(patch.body()).path("status"), TaskStatus.class);
    }
}
