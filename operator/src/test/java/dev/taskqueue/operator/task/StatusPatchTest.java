package dev.taskqueue.operator.task;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.FirstAttempt;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.ResponseSnippet;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

public class StatusPatchTest {
    private static final Instant DUE = Instant.parse("2026-11-21T09:00:01Z");
    private static final Instant SENT = DUE.plusMillis(12);
    private static final Instant ENDED = DUE.plusMillis(230);
    private static final Instant NOW = DUE.plusMillis(999);
    private static final AttemptHistory DELIVERED =
            AttemptHistory.NONE.plus(DUE, SENT, ENDED, Outcome.Answered.of(200));
    private static final AttemptHistory FAILED = AttemptHistory.NONE.plus(DUE, SENT, ENDED, Outcome.Answered.of(503));
    private static final Ending SUCCESS = new Ending(Ending.Reason.Delivered, "The worker answered 200.");

    @Test
    void aFirstSuccessSaysWhatItMustAndNoMore() throws IOException {
        var patch = StatusPatch.of(new Entry.Finished(DELIVERED, SUCCESS, ENDED), WrittenStatus.NOTHING, 17, NOW, null);
        assertThat(tree(patch)).isEqualTo(json("""
                {metadata: {resourceVersion: '17'},
                 status: {observedGeneration: 1, state: 'Succeeded', conditions: [
                   {type: 'Accepted', status: 'True', reason: 'Accepted', message: '',
                    lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1},
                   {type: 'Finished', status: 'True', reason: 'Delivered', message: '',
                    lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1},
                   {type: 'Succeeded', status: 'True', reason: 'Delivered', message: 'The worker answered 200.',
                    lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1}],
                  dispatchCount: 1, responseCount: 1, executionCount: 1,
                  lastAttempt: {number: 1, scheduleTime: '2026-11-21T09:00:01Z',
                    dispatchTime: '2026-11-21T09:00:01.012Z', responseTime: '2026-11-21T09:00:01.230Z',
                    statusCode: 200, reason: 'Delivered', message: 'The worker answered 200.'},
                  completionTime: '2026-11-21T09:00:01.230Z'}}"""));
        assertThat(patch.writtenStatus().name()).isEqualTo("Succeeded/Delivered");
    }

    @Test
    void aFirstFailureTellsWhenTheNextAttemptIsDue() throws IOException {
        var patch = StatusPatch.of(
                new Entry.BackingOff(FAILED, ENDED.plusSeconds(10)), WrittenStatus.NOTHING, 17, NOW, null);
        JsonNode status = tree(patch).path("status");
        assertThat(status.path("state").asText()).isEqualTo("BackingOff");
        assertThat(status.path("nextAttemptTime").asText()).isEqualTo("2026-11-21T09:00:11.230Z");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(1);
        assertThat(status.path("responseCount").asInt()).isEqualTo(1);
        assertThat(status.path("executionCount").isIntegralNumber()).isTrue();
        assertThat(status.path("executionCount").asInt()).isZero();
        assertThat(status.has("attempts")).as("told from the second attempt on").isFalse();
        assertThat(status.has("firstAttempt")).isFalse();
        assertThat(status.has("completionTime")).isFalse();
        assertThat(condition(status, "Finished").path("status").asText()).isEqualTo("False");
        assertThat(condition(status, "Succeeded").path("status").asText()).isEqualTo("Unknown");
        assertThat(condition(status, "Succeeded").path("message").asText())
                .isEqualTo(
                        "Attempt 1 failed: The worker answered 503. The next one is due at 2026-11-21T09:00:11.230Z.");
        assertThat(condition(status, "Stalled").isMissingNode()).isTrue();
    }

    @Test
    void fromTheSecondAttemptOnTheFirstOneAndTheLastOnesAreTold() throws IOException {
        AttemptHistory twice =
                FAILED.plus(DUE.plusSeconds(10), SENT.plusSeconds(10), ENDED.plusSeconds(10), Outcome.Answered.of(200));
        JsonNode status = tree(StatusPatch.of(
                        new Entry.Finished(twice, SUCCESS, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(status.path("firstAttempt")).isEqualTo(json("{dispatchTime: '2026-11-21T09:00:01.012Z'}"));
        assertThat(status.path("attempts")).isEqualTo(json("""
                [{number: 1, scheduleTime: '2026-11-21T09:00:01Z', dispatchTime: '2026-11-21T09:00:01.012Z',
                  responseTime: '2026-11-21T09:00:01.230Z', statusCode: 503, reason: 'Unavailable',
                  message: 'The worker answered 503.'},
                 {number: 2, scheduleTime: '2026-11-21T09:00:11Z', dispatchTime: '2026-11-21T09:00:11.012Z',
                  responseTime: '2026-11-21T09:00:11.230Z', statusCode: 200, reason: 'Delivered',
                  message: 'The worker answered 200.'}]"""));
        ObjectNode last = status.path("attempts").get(1).deepCopy();
        assertThat(status.path("lastAttempt"))
                .as("the attempt before may have had one")
                .isEqualTo(last.putNull("responseSnippet"));
    }

    @Test
    void anAttemptWithoutAnAnswerHasNoStatusCode() throws IOException {
        AttemptHistory unanswered = AttemptHistory.NONE.plus(
                DUE, SENT, ENDED, new Outcome.Unanswered(AttemptReason.ConnectionRefused, "Refused."));
        JsonNode attempt = tree(StatusPatch.of(
                        new Entry.BackingOff(unanswered, NOW), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status")
                .path("lastAttempt");
        assertThat(attempt).isEqualTo(json("""
                {number: 1, scheduleTime: '2026-11-21T09:00:01Z', dispatchTime: '2026-11-21T09:00:01.012Z',
                 responseTime: '2026-11-21T09:00:01.230Z', reason: 'ConnectionRefused', message: 'Refused.'}"""));
    }

    @Test
    void anInterruptedAttemptHasNoEnd() throws IOException {
        JsonNode attempt = tree(StatusPatch.of(
                        new Entry.BackingOff(AttemptHistory.NONE.plusInterrupted(DUE, SENT), NOW),
                        WrittenStatus.NOTHING,
                        17,
                        NOW,
                        null))
                .path("status")
                .path("lastAttempt");
        assertThat(attempt.has("responseTime")).isFalse();
        assertThat(attempt.path("reason").asText()).isEqualTo("Interrupted");
    }

    @Test
    void aFailedTaskIsStalled() throws IOException {
        var ending = new Ending(Ending.Reason.RetriesExhausted, "Given up after 1 attempt.");
        JsonNode status = tree(StatusPatch.of(
                        new Entry.Finished(FAILED, ending, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(status.path("state").asText()).isEqualTo("Failed");
        assertThat(condition(status, "Accepted").path("status").asText()).isEqualTo("True");
        assertThat(condition(status, "Finished").path("status").asText()).isEqualTo("True");
        assertThat(condition(status, "Succeeded").path("status").asText()).isEqualTo("False");
        assertThat(condition(status, "Stalled")).isEqualTo(json("""
                {type: 'Stalled', status: 'True', reason: 'RetriesExhausted',
                 message: 'Given up after 1 attempt. (see Troubleshooting, section RetriesExhausted)',
                 lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1}"""));
    }

    @Test
    void aSpecThatCanNeverBeSentIsNotAcceptedAndTellsNoAttempt() throws IOException {
        var ending = new Ending(Ending.Reason.InvalidSpec, "spec.x is wrong: mend it.");
        JsonNode status = tree(StatusPatch.of(
                        new Entry.Finished(AttemptHistory.NONE, ending, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(condition(status, "Accepted")).isEqualTo(json("""
                {type: 'Accepted', status: 'False', reason: 'InvalidSpec',
                 message: 'spec.x is wrong: mend it. (see Troubleshooting, section InvalidSpec)',
                 lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1}"""));
        assertThat(condition(status, "Stalled").path("status").asText()).isEqualTo("True");
        assertThat(status.has("dispatchCount")).isFalse();
        assertThat(status.has("lastAttempt")).isFalse();
    }

    @Test
    void whatWasToldOfTheWaitIsTakenBackAtTheEnd() throws IOException {
        var writtenStatus = new WrittenStatus("Scheduled/Scheduled", true, DUE, DUE);
        JsonNode status = tree(StatusPatch.of(
                        new Entry.Finished(DELIVERED, SUCCESS, ENDED), writtenStatus, 17, NOW, null))
                .path("status");
        assertThat(status.get("claim").isNull()).isTrue();
        assertThat(status.get("nextAttemptTime").isNull()).isTrue();
    }

    @Test
    void aFailureTakesTheClaimBackOnlyWhereOneMayHaveBeenTold() throws IOException {
        var entry = new Entry.BackingOff(FAILED, ENDED.plusSeconds(10));
        assertThat(tree(StatusPatch.of(entry, WrittenStatus.NOTHING, 17, NOW, null))
                        .path("status")
                        .has("claim"))
                .isFalse();
        var writtenStatus = new WrittenStatus("Dispatching/Dispatching", true, DUE, DUE);
        assertThat(tree(StatusPatch.of(entry, writtenStatus, 17, NOW, null))
                        .path("status")
                        .get("claim")
                        .isNull())
                .isTrue();
    }

    @Test
    void whatAnAnnotationAskedForIsNamedWithTheOutcomeAndTheClaim() throws IOException {
        var writtenStatus = new WrittenStatus(
                "Queued/Queued", true, DUE, DUE, false, new HandledAnnotations("now-1", "again-1", "all-1"));
        var claim = StatusPatch.of(
                new DeliveryStatus.Dispatching(AttemptHistory.NONE, DUE, DUE, DUE), "me", writtenStatus, 17, NOW, null);
        var open = StatusPatch.of(new Entry.BackingOff(FAILED, NOW), writtenStatus, 17, NOW, null);
        var over = StatusPatch.of(new Entry.Finished(FAILED, SUCCESS, NOW), writtenStatus, 17, NOW, null);
        for (StatusPatch patch : List.of(claim.orElseThrow(), open, over)) {
            JsonNode status = tree(patch).path("status");
            assertThat(status.path("lastHandledRunNow").asText()).isEqualTo("now-1");
            assertThat(status.path("lastHandledRedrive").asText()).isEqualTo("again-1");
            assertThat(patch.writtenStatus().handled()).isEqualTo(writtenStatus.handled());
        }
        // The run has not happened yet: after a crash the operator must still see the request for it.
        var waits = StatusPatch.of(new DeliveryStatus.Scheduled(DUE), "me", writtenStatus, 17, NOW, null);
        assertThat(tree(waits.orElseThrow()).path("status").has("lastHandledRunNow"))
                .isFalse();
    }

    @Test
    void theTextOfAFailedAnswerStandsInItsAttemptAndNowhereElse() throws IOException {
        var failed = Outcome.Answered.of(503).with(new ResponseSnippet("no stock"));
        AttemptHistory twice = FAILED.plus(DUE, SENT, ENDED, failed);
        var patch = StatusPatch.of(new Entry.BackingOff(twice, NOW), WrittenStatus.NOTHING, 17, NOW, null);
        JsonNode status = tree(patch).path("status");
        assertThat(status.at("/lastAttempt/responseSnippet").asText()).isEqualTo("no stock");
        assertThat(status.at("/attempts/1/responseSnippet").asText()).isEqualTo("no stock");
        assertThat(status.at("/attempts/0").has("responseSnippet")).isFalse();
        assertThat(patch.body().split("no stock", -1)).hasSize(3);
        AttemptHistory read = StatusReader.attemptHistory(TestingTasks.read(status.toString(), TaskStatus.class));
        assertThat(read.recent()).isEqualTo(twice.recent());
        AttemptHistory delivered = read.plus(DUE, SENT, ENDED, Outcome.Answered.of(200));
        JsonNode end = tree(StatusPatch.of(
                        new Entry.Finished(delivered, SUCCESS, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(end.at("/lastAttempt/responseSnippet").isNull()).isTrue();
        assertThat(end.at("/attempts/1/responseSnippet").asText()).isEqualTo("no stock");
    }

    @Test
    void whatIsInFlightHasNoNextAttempt() throws IOException {
        var attempt = new DeliveryStatus.Dispatching(FAILED, DUE, SENT, ENDED);
        var scheduled = new WrittenStatus("BackingOff/BackingOff", true, DUE, DUE);
        JsonNode status = tree(StatusPatch.of(attempt, "me", scheduled, 17, NOW, null)
                        .orElseThrow())
                .path("status");
        assertThat(status.path("nextAttemptTime").isNull()).isTrue();
        JsonNode first = tree(StatusPatch.of(attempt, "me", WrittenStatus.NOTHING, 17, NOW, null)
                        .orElseThrow())
                .path("status");
        assertThat(first.has("nextAttemptTime")).isFalse();
    }

    @Test
    void theAttemptsOfARoundAreCountedInIt() throws IOException {
        AttemptHistory second = new AttemptHistory(3, 3, 3, 2, 0, 0, 0, null, List.of())
                .plus(DUE, DUE, ENDED, Outcome.Answered.of(503));
        JsonNode status = tree(StatusPatch.of(new Entry.BackingOff(second, NOW), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(status.path("round")).isEqualTo(json("{attempts: 1, responses: 1, executions: 0}"));
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(4);
        assertThat(status.path("firstAttempt").path("dispatchTime").asText()).isEqualTo("2026-11-21T09:00:01Z");
    }

    @Test
    void aConditionKeepsItsTimeWhileItsStatusStays() throws IOException {
        Instant before = DUE.minusSeconds(60);
        var writtenStatus = new WrittenStatus("Queued/Queued", true, before, before.plusSeconds(1));
        JsonNode open = tree(StatusPatch.of(new Entry.BackingOff(FAILED, NOW), writtenStatus, 17, NOW, null))
                .path("status");
        assertThat(time(open, "Accepted")).isEqualTo("2026-11-21T08:59:01Z");
        assertThat(time(open, "Finished")).isEqualTo("2026-11-21T08:59:02Z");
        assertThat(time(open, "Succeeded")).isEqualTo("2026-11-21T08:59:02Z");
        JsonNode over = tree(StatusPatch.of(
                        new Entry.Finished(DELIVERED, SUCCESS, ENDED), writtenStatus, 17, NOW, null))
                .path("status");
        assertThat(time(over, "Accepted")).isEqualTo("2026-11-21T08:59:01Z");
        assertThat(time(over, "Finished")).isEqualTo("2026-11-21T09:00:01Z");
        assertThat(time(over, "Succeeded")).isEqualTo("2026-11-21T09:00:01Z");
    }

    @Test
    void aTaskThatIsAcceptedAfterAllSaysSinceWhen() throws IOException {
        var writtenStatus =
                new WrittenStatus("Queued/QueueNotFound", false, DUE.minusSeconds(60), DUE.minusSeconds(60));
        JsonNode status = tree(StatusPatch.of(new Entry.BackingOff(FAILED, NOW), writtenStatus, 17, NOW, null))
                .path("status");
        assertThat(time(status, "Accepted")).isEqualTo("2026-11-21T09:00:01Z");
        assertThat(time(status, "Succeeded")).isEqualTo("2026-11-21T08:59:01Z");
    }

    @Test
    void theRequestIsToldWholeAndOnlyWhereThereIsOne() throws IOException {
        var entry = new Entry.Finished(DELIVERED, SUCCESS, ENDED);
        var request = new RequestSummary(
                "POST", "http://w.shop.svc:80/", List.of("X-A"), null, "inline", null, null, List.of("serviceRef"), 3L);
        StatusPatch patch = StatusPatch.of(entry, WrittenStatus.NOTHING, 17, NOW, request);
        assertThat(tree(patch).path("status").path("request")).isEqualTo(json("""
                {method: 'POST', url: 'http://w.shop.svc:80/', headers: ['X-A'], secretHeaders: null, body: 'inline',
                 serviceAccountName: null, audience: null, fromQueue: ['serviceRef'], queueGeneration: 3}"""));
        assertThat(patch.writtenStatus().hasRequest()).isTrue();
        StatusPatch without = StatusPatch.of(entry, WrittenStatus.NOTHING, 17, NOW, null);
        assertThat(tree(without).path("status").has("request")).isFalse();
        assertThat(without.writtenStatus().hasRequest()).isFalse();
        assertThat(StatusPatch.of(entry, patch.writtenStatus(), 17, NOW, null)
                        .writtenStatus()
                        .hasRequest())
                .isTrue();
    }

    @Test
    void whatTheAttemptBeforeHadAndThisOneHasNotIsTakenBack() throws IOException {
        AttemptHistory refused = FAILED.plus(
                DUE.plusSeconds(10),
                SENT.plusSeconds(10),
                ENDED.plusSeconds(10),
                new Outcome.Unanswered(AttemptReason.ConnectionRefused, "Refused."));
        JsonNode status = tree(StatusPatch.of(
                        new Entry.BackingOff(refused, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(status.path("lastAttempt").path("statusCode").isNull()).isTrue();
        assertThat(status.path("attempts").path(1).has("statusCode"))
                .as("an item of an array goes whole, and may hold no null")
                .isFalse();
        AttemptHistory interrupted = FAILED.plusInterrupted(DUE.plusSeconds(10), SENT.plusSeconds(10));
        status = tree(StatusPatch.of(new Entry.BackingOff(interrupted, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(status.path("lastAttempt").path("responseTime").isNull()).isTrue();
        assertThat(status.path("lastAttempt").path("statusCode").isNull()).isTrue();
    }

    /** A merge patch keeps fields that it does not name. If one of these objects gets a new field, the patch must name that field, too. */
    @Test
    void everyObjectThatIsWrittenOverAnOlderOneNamesAllItsFields() throws IOException {
        AttemptHistory second = FAILED.plusInterrupted(DUE, SENT);
        JsonNode outcome = tree(StatusPatch.of(
                        new Entry.BackingOff(second, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertNamesAllOf(Attempt.class, outcome.path("lastAttempt"));
        assertNamesAllOf(FirstAttempt.class, outcome.path("firstAttempt"));
        var attempt = new DeliveryStatus.Dispatching(FAILED, DUE, SENT, ENDED);
        JsonNode telling = tree(StatusPatch.of(attempt, "me", WrittenStatus.NOTHING, 17, NOW, null)
                        .orElseThrow())
                .path("status");
        assertNamesAllOf(Claim.class, telling.path("claim"));
        TaskObject failed = TaskReader.read(TestingTasks.task("a", 1));
        JsonNode redriven = tree(StatusPatch.redriven(failed, RedriveRequest.byTask("1"), NOW))
                .path("status");
        assertNamesAllOf(Round.class, redriven.path("round"));
    }

    private static void assertNamesAllOf(Class<? extends Record> type, JsonNode written) {
        assertThat(written.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList());
    }

    @Test
    void aTaskThatIsStartedAgainMayEndBeforeItIsSent() throws IOException {
        AttemptHistory redriven = new AttemptHistory(2, 2, 0, 2, 0, 0, 0, null, FAILED.recent());
        var ending = new Ending(Ending.Reason.Expired, "It expired.");
        JsonNode status = tree(StatusPatch.of(
                        new Entry.Finished(redriven, ending, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(status.path("firstAttempt").isNull()).isTrue();
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(2);
    }

    @Test
    void aMessageIsCutToWhatStatusCanHold() throws IOException {
        var ending = new Ending(Ending.Reason.NonRetryable, "x".repeat(257));
        JsonNode status = tree(StatusPatch.of(
                        new Entry.Finished(FAILED, ending, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(condition(status, "Succeeded").path("message").asText()).isEqualTo("x".repeat(253) + "...");
        var fits = new Ending(Ending.Reason.NonRetryable, "x".repeat(256));
        status = tree(StatusPatch.of(new Entry.Finished(FAILED, fits, ENDED), WrittenStatus.NOTHING, 17, NOW, null))
                .path("status");
        assertThat(condition(status, "Stalled").path("message").asText()).isEqualTo("x".repeat(256));
    }

    @Test
    void whatATaskWaitsForIsToldWithItsSectionAndKnownAgainAfterARestart() throws IOException {
        var obstacle = Obstacle.noQueue(new QueueId("shop", "orders"));
        StatusPatch patch = StatusPatch.of(
                        new DeliveryStatus.Blocked(obstacle), "me", WrittenStatus.NOTHING, 17, NOW, null)
                .orElseThrow();
        JsonNode status = tree(patch).path("status");
        assertThat(List.of(condition(status, "Accepted"), condition(status, "Succeeded")))
                .allSatisfy(condition -> assertThat(condition.path("message").asText())
                        .isEqualTo(obstacle.message() + " (see Troubleshooting, section QueueNotFound)"));
        assertThat(condition(status, "Finished").path("message").asText()).isEmpty();
        WrittenStatus read = StatusReader.writtenStatus(TaskJson.MAPPER.treeToValue(status, TaskStatus.class));
        assertThat(StatusPatch.of(new DeliveryStatus.Blocked(obstacle), "me", read, 18, NOW, null))
                .isEmpty();
    }

    private static JsonNode tree(StatusPatch patch) throws IOException {
        return TaskJson.MAPPER.readTree(patch.body());
    }

    static JsonNode condition(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return status.path("none");
    }

    private static String time(JsonNode status, String condition) {
        return condition(status, condition).path("lastTransitionTime").asText();
    }
}
