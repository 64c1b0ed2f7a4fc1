package dev.taskqueue.operator.task;

import static dev.taskqueue.operator.task.StatusPatchTest.condition;
import static dev.taskqueue.operator.testing.TestingTasks.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Turn;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the status of a Task that waits. */
class WaitingStatusPatchTest {
    private static final Instant DUE = Instant.parse("2026-11-21T09:00:01Z");
    private static final Instant NOW = DUE.plusMillis(999);

    @Test
    void scheduledSaysUntilWhen() throws IOException {
        JsonNode status = told(new DeliveryStatus.Scheduled(DUE));
        assertThat(status).isEqualTo(json("""
                {observedGeneration: 1, state: 'Scheduled', conditions: [
                   {type: 'Accepted', status: 'True', reason: 'Accepted', message: '',
                    lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1},
                   {type: 'Finished', status: 'False', reason: 'Scheduled', message: '',
                    lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1},
                   {type: 'Succeeded', status: 'Unknown', reason: 'Scheduled', message: 'Due at 2026-11-21T09:00:01Z.',
                    lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1}],
                 nextAttemptTime: '2026-11-21T09:00:01Z'}"""));
    }

    @Test
    void aTaskThatExpiresBeforeItIsDueSaysSo() throws IOException {
        JsonNode inVain = told(new DeliveryStatus.Scheduled(DUE, DUE));
        assertThat(condition(inVain, "Succeeded").path("message").asText())
                .isEqualTo("It expires at 2026-11-21T09:00:01Z, before it is due. Due at 2026-11-21T09:00:01Z.");
        JsonNode inTime = told(new DeliveryStatus.Scheduled(DUE, DUE.plusMillis(1)));
        assertThat(condition(inTime, "Succeeded").path("message").asText()).isEqualTo("Due at 2026-11-21T09:00:01Z.");
    }

    @Test
    void queuedSaysSinceWhen() throws IOException {
        JsonNode status = told(new DeliveryStatus.Queued(DUE));
        assertThat(status.path("state").asText()).isEqualTo("Queued");
        assertThat(condition(status, "Succeeded").path("message").asText())
                .isEqualTo("Due since 2026-11-21T09:00:01Z; it waits for its turn in the queue.");
    }

    @Test
    void aQueuedTaskSaysWhatKeptItAndWhen() throws IOException {
        assertThat(turn(new Turn.Paused(Turn.By.SPEC, "paused by spec.state")))
                .isEqualTo(
                        "QueuePaused: Due since 2026-11-21T09:00:01Z. At 2026-11-21T09:00:01Z the queue was paused by spec.state.");
        assertThat(turn(new Turn.Paused(Turn.By.HOLD, "held: Bob")))
                .isEqualTo(
                        "QueueHeld: Due since 2026-11-21T09:00:01Z. At 2026-11-21T09:00:01Z the queue was held: Bob.");
        assertThat(turn(new Turn.SlotsTaken(3, DUE)))
                .endsWith(
                        "At 2026-11-21T09:00:01Z all 3 slots of the queue were taken, the longest since 2026-11-21T09:00:01Z.");
        assertThat(turn(new Turn.SlotsTaken(1, DUE)))
                .startsWith("Queued: ")
                .endsWith("the only slot of the queue was taken, since 2026-11-21T09:00:01Z.");
        assertThat(turn(new Turn.RateSpent(0.1, 0.1, 11)))
                .endsWith("At 2026-11-21T09:00:01Z the rate was 0.1 a second and 11 Tasks were before it: about 2m.");
        assertThat(turn(new Turn.RateSpent(4.802, 20, 1)))
                .endsWith("overload had lowered the rate to 4.802 of 20 a second and 1 Task was before it: about 1 s.");
        assertThat(turn(new Turn.RateSpent(1, 1, 1000)))
                .endsWith("1,000 or more Tasks were before it: at least 16m 41s.");
        assertThat(turn(new Turn.OperatorFull()))
                .endsWith("the operator had as many requests open as it may, over all queues.");
        assertThat(turn(new Turn.Next()))
                .isEqualTo("Queued: Due since 2026-11-21T09:00:01Z; it waits for its turn in the queue.");
    }

    @Test
    void anotherCauseOfTheWaitIsNoReasonForAnotherWrite() {
        var paused =
                new DeliveryStatus.Queued(DUE, new Turn(NOW, new Turn.Paused(Turn.By.SPEC, "paused by spec.state")));
        WrittenStatus written =
                patch(paused, WrittenStatus.NOTHING).orElseThrow().writtenStatus();
        assertThat(patch(new DeliveryStatus.Queued(DUE), written)).isEmpty();
        assertThat(StatusPatch.isUnwritten(new DeliveryStatus.Queued(DUE), written))
                .isFalse();
    }

    private static String turn(Turn.Cause cause) throws IOException {
        JsonNode succeeded = condition(told(new DeliveryStatus.Queued(DUE, new Turn(DUE, cause))), "Succeeded");
        return succeeded.path("reason").asText() + ": "
                + succeeded.path("message").asText();
    }

    @Test
    void dispatchingIsAClaim() throws IOException {
        AttemptHistory once = AttemptHistory.NONE.plus(DUE, DUE, DUE, Outcome.Answered.of(503));
        JsonNode status = told(new DeliveryStatus.Dispatching(once, DUE, DUE.plusMillis(7), DUE.plusSeconds(600)));
        assertThat(status.path("state").asText()).isEqualTo("Dispatching");
        assertThat(status.path("claim")).isEqualTo(json("""
                {attempt: 2, scheduleTime: '2026-11-21T09:00:01Z', dispatchTime: '2026-11-21T09:00:01.007Z',
                 deadline: '2026-11-21T09:10:01Z', holder: 'me'}"""));
        assertThat(condition(status, "Succeeded").path("message").asText())
                .isEqualTo(
                        "Attempt 2 is in flight since 2026-11-21T09:00:01.007Z and ends by 2026-11-21T09:10:01Z; if its operator"
                                + " process is gone, the Task is sent again then.");
    }

    @Test
    void anAttemptInFlightHasNoNextTime() throws IOException {
        var attempt = new DeliveryStatus.Dispatching(AttemptHistory.NONE, DUE, DUE, DUE.plusSeconds(600));
        var scheduled = new WrittenStatus("Scheduled/Scheduled", true, DUE, DUE);
        JsonNode status = json(patch(attempt, scheduled).orElseThrow().body()).path("status");
        assertThat(status.has("nextAttemptTime")).isTrue();
        assertThat(status.path("nextAttemptTime").isNull()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Obstacle.Reason.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NoReadyEndpoint", "ApiServerUnavailable", "WriteRefused"})
    void whatCannotGoIsNotAcceptedYet(Obstacle.Reason reason) throws IOException {
        JsonNode status = told(blocked(reason));
        assertThat(status.path("state").asText()).isEqualTo("Queued");
        assertThat(condition(status, "Accepted")).isEqualTo(json("""
                {type: 'Accepted', status: 'False', reason: '%s', message: 'Mend it. (see Troubleshooting, section %s)',
                 lastTransitionTime: '2026-11-21T09:00:01Z', observedGeneration: 1}""".formatted(reason, reason)));
        assertThat(condition(status, "Succeeded").path("status").asText()).isEqualTo("Unknown");
        assertThat(condition(status, "Succeeded").path("reason").asText()).isEqualTo(reason.name());
    }

    @Test
    void aTargetThatIsNotReadyIsAcceptedAllTheSame() throws IOException {
        JsonNode status = told(blocked(Obstacle.Reason.NoReadyEndpoint));
        assertThat(condition(status, "Accepted").path("status").asText()).isEqualTo("True");
        assertThat(condition(status, "Succeeded").path("reason").asText()).isEqualTo("NoReadyEndpoint");
        assertThat(condition(status, "Succeeded").path("message").asText())
                .isEqualTo("Mend it. (see Troubleshooting, section NoReadyEndpoint)");
    }

    @Test
    void ofARetryAndOfAnAbsentApiServerNothingIsTold() {
        assertThat(patch(new DeliveryStatus.BackingOff(DUE), WrittenStatus.NOTHING))
                .isEmpty();
        assertThat(patch(blocked(Obstacle.Reason.ApiServerUnavailable), WrittenStatus.NOTHING))
                .isEmpty();
    }

    @ParameterizedTest(name = "{0} is news after {1}: {2}")
    @CsvSource({
        "Queued, '', true",
        "Queued, Queued/Queued, false",
        "Queued, Scheduled/Scheduled, true",
        "Queued, Queued/NoReadyEndpoint, true",
        "Blocked, Queued/Queued, true",
        "Blocked, Queued/QueueNotFound/MARK, false",
        "Blocked, Queued/QueueNotFound/1, true",
    })
    void onlyNewsIsTold(String deliveryStatus, String before, boolean news) {
        DeliveryStatus now = deliveryStatus.equals("Queued")
                ? new DeliveryStatus.Queued(DUE)
                : blocked(Obstacle.Reason.QueueNotFound);
        String mark = Integer.toHexString("Mend it. (see Troubleshooting, section QueueNotFound)".hashCode());
        assertThat(patch(now, new WrittenStatus(before.replace("MARK", mark), true, DUE, DUE))
                        .isPresent())
                .isEqualTo(news);
    }

    private static DeliveryStatus blocked(Obstacle.Reason reason) {
        var subject = new Obstacle.Subject(Obstacle.Kind.Service, "shop", "worker");
        return new DeliveryStatus.Blocked(new Obstacle(reason, subject, "Mend it."));
    }

    private static Optional<StatusPatch> patch(DeliveryStatus deliveryStatus, WrittenStatus before) {
        return StatusPatch.of(deliveryStatus, "me", before, 17, NOW, null);
    }

    private static JsonNode told(DeliveryStatus deliveryStatus) throws IOException {
        JsonNode patch = TaskJson.MAPPER.readTree(
                patch(deliveryStatus, WrittenStatus.NOTHING).orElseThrow().body());
        assertThat(patch.path("metadata")).isEqualTo(json("{resourceVersion: '17'}"));
        return patch.path("status");
    }
}
