package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.api.QueueState;
import dev.taskqueue.operator.api.RateLimits;
import dev.taskqueue.operator.api.Redrive;
import dev.taskqueue.operator.api.RunState;
import dev.taskqueue.operator.api.Stats;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.DueHours;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import dev.taskqueue.operator.reconcile.QueueStatusBuilder.Operations;
import dev.taskqueue.operator.task.QueueProfile;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueueStatusBuilderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00.700Z");
    private static final Hold HOLD = new Hold("deploy", null, false);
    private static final QueueReport.Retained RETAINED = new QueueReport.Retained(0, 0);
    private static final Operations NONE = new Operations(null, null);
    private static final Judgement BAD = new Judgement.Invalid(Reason.InvalidSpec, "Mend it.");

    @Test
    void aRunningQueueIsReady() {
        TaskQueueStatus status = report(null, spec(null), null, good(), 500);
        assertThat(status.state()).isEqualTo(QueueState.Running);
        assertThat(status.observedGeneration()).isEqualTo(3);
        assertThat(told(status))
                .containsExactly("Ready=True Ready", "Paused=False Running", "Throttled=False FullRate");
        assertThat(conditions(status)).allSatisfy(condition -> {
            assertThat(condition.getLastTransitionTime()).isEqualTo("2026-11-21T09:00:00Z");
            assertThat(condition.getObservedGeneration()).isEqualTo(3);
            assertThat(condition.getMessage()).endsWith(".");
        });
    }

    @Test
    void pauseAndHoldAreToldApart() {
        TaskQueueStatus paused = report(null, spec(RunState.Paused), null, good(), 500);
        assertThat(paused.state()).isEqualTo(QueueState.Paused);
        assertThat(told(paused)).contains("Ready=True Ready", "Paused=True SpecPaused");
        TaskQueueStatus held = report(null, spec(RunState.Paused), HOLD, good(), 500);
        assertThat(held.state()).isEqualTo(QueueState.Held);
        assertThat(told(held)).contains("Ready=True Ready", "Paused=True Held");
        assertThat(paused.reason()).isEqualTo("SpecPaused");
        assertThat(held.reason()).isEqualTo("Held: deploy");
    }

    @Test
    void whatCannotBeServedIsStalled() {
        TaskQueueStatus status = report(null, spec(null), HOLD, BAD, 500);
        assertThat(status.state()).isEqualTo(QueueState.Invalid);
        assertThat(told(status)).contains("Ready=False InvalidSpec", "Stalled=True InvalidSpec", "Paused=True Held");
        assertThat(status.reason()).isEqualTo("InvalidSpec");
        assertThat(conditions(status).getFirst().getMessage())
                .isEqualTo("Mend it. (see Troubleshooting, section InvalidSpec)");
    }

    @ParameterizedTest(name = "{0} of 500 a second: {1}")
    @CsvSource({"500, False FullRate", "499.6, False FullRate", "499.4, True Overloaded", "5, True Overloaded"})
    void aQueueThatIsSlowedDownIsThrottled(double enforced, String throttled) {
        TaskQueueStatus status = report(null, spec(null), null, good(), enforced);
        assertThat(told(status)).contains("Throttled=" + throttled);
        assertThat(status.reason()).isEqualTo(throttled.startsWith("True") ? "Overloaded" : "Ready");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0014", "1001u", "0.0104", "0.1234", "1.0004", "9999.9994", "1m"})
    void aRateOfManyDigitsIsNotTakenForOneThatIsSlowedDown(String rate) {
        var limits = new RateLimits(new Quantity(rate), null, null);
        var asked = new TaskQueueSpec(null, limits, null, null, null, null, null, null, null, null, null);
        var profile = QueueProfile.read(asked, false);
        TaskQueueStatus status = report(
                null,
                asked,
                null,
                new Judgement.Valid(profile),
                profile.settings().rate().perSecond());
        assertThat(told(status)).contains("Throttled=False FullRate");
    }

    @Test
    void aQueueWhoseOutcomesAreRefusedIsBlockedUntilTheyAreWritten() {
        QueueReport refused = QueueReport.of(
                new QueueStats(0, 2, 0, 0, NOW, 0, 500, Map.of(Obstacle.Reason.WriteRefused, 2)),
                RETAINED,
                " That of Task shop/a is among them: why.");
        TaskQueueStatus blocked = new QueueStatusBuilder(3, null, NOW, "").of(spec(null), null, good(), NONE, refused);
        assertThat(told(blocked)).contains("Blocked=True WriteRefused");
        assertThat(conditions(blocked).getLast().getMessage())
                .isEqualTo("The API server refuses to have the outcomes of Tasks written; 2 Tasks wait for it."
                        + " That of Task shop/a is among them: why. (see Troubleshooting, section WriteRefused)");
        assertThat(blocked.reason()).isEqualTo("Blocked: WriteRefused 2");
        TaskQueueStatus after = report(blocked, spec(null), null, good(), 500);
        assertThat(told(after)).contains("Blocked=False NotBlocked");
        assertThat(after.reason()).isEqualTo("Ready");
        assertThat(told(report(after, spec(null), null, good(), 500))).contains("Blocked=False NotBlocked");
    }

    @Test
    void aQueueWithStuckTasksIsReadyAndBlocked() {
        TaskQueueStatus status = builder(null).of(spec(null), null, good(), NONE, stuck(2));
        assertThat(told(status)).contains("Ready=True Ready", "Blocked=True TargetNotFound");
        assertThat(conditions(status).getLast().getMessage())
                .isEqualTo("5 Tasks wait for something that must change: TargetNotFound 2, LimitExceeded 1,"
                        + " NoReadyEndpoint 1, WriteRefused 1. One of them is Task typo:"
                        + " Service shop/work does not exist: create it."
                        + " (see Troubleshooting, section TargetNotFound)");
        assertThat(status.reason())
                .isEqualTo("Blocked: TargetNotFound 2, LimitExceeded 1, NoReadyEndpoint 1, WriteRefused 1");
        assertThat(told(builder(status).of(spec(RunState.Paused), null, good(), NONE, stuck(2))))
                .contains("Blocked=True TargetNotFound", "Paused=True SpecPaused");
    }

    @Test
    void betweenTwoTurnsTheStatusSaysOfBlockedTasksWhatItSaidBefore() {
        TaskQueueStatus before = builder(null).of(spec(null), null, good(), NONE, stuck(2));
        QueueReport kept = Objects.requireNonNull(QueueReport.of(before));
        assertThat(builder(before).of(spec(null), null, good(), NONE, kept)).isEqualTo(before);
        assertThat(kept).isEqualTo(stuck(2));
        assertThat(stuck(3)).isNotEqualTo(kept);
    }

    private static QueueStatusBuilder builder(@Nullable TaskQueueStatus before) {
        return new QueueStatusBuilder(3, before, NOW, "");
    }

    private static QueueReport stuck(int missing) {
        var waiting = Map.of(
                Obstacle.Reason.NoReadyEndpoint,
                1,
                Obstacle.Reason.TargetNotFound,
                missing,
                Obstacle.Reason.LimitExceeded,
                1,
                Obstacle.Reason.WriteRefused,
                1);
        var obstacle = new Obstacle(
                Obstacle.Reason.TargetNotFound,
                new Obstacle.Subject(Obstacle.Kind.Service, "shop", "work"),
                "Service shop/work does not exist: create it.");
        var example = new QueueStats.Example(new DeliveryId(new TaskId("shop", "typo", "u1"), 1), obstacle);
        return QueueReport.of(new QueueStats(0, 5, 0, 0, NOW, 0, 500, waiting, example, DueHours.NONE), RETAINED, "");
    }

    @Test
    void aConditionKeepsItsTimeWhileItsStatusStays() {
        TaskQueueStatus before = report(null, spec(RunState.Paused), null, good(), 500);
        var later = new QueueStatusBuilder(4, before, NOW.plusSeconds(60), "");
        List<Condition> held = conditions(later.of(spec(RunState.Paused), HOLD, good(), NONE, stats(500)));
        assertThat(held.get(1).getReason()).isEqualTo("Held");
        assertThat(held.get(1).getLastTransitionTime()).isEqualTo("2026-11-21T09:00:00Z");
        List<Condition> running = conditions(later.of(spec(null), null, good(), NONE, stats(500)));
        assertThat(running.get(1).getLastTransitionTime()).isEqualTo("2026-11-21T09:01:00Z");
        assertThat(running.get(0).getLastTransitionTime()).isEqualTo("2026-11-21T09:00:00Z");
    }

    @Test
    void whatWasAskedOfTheWholeQueueIsToldWhateverItsState() {
        var operations = new Operations(
                new Purge("2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z", 7, null),
                new Redrive("again", "2026-11-21T08:00:00Z", 3, null));
        TaskQueueStatus status =
                new QueueStatusBuilder(3, null, NOW, "").of(spec(null), null, BAD, operations, stats(500));
        assertThat(status.purge()).isEqualTo(operations.purge());
        assertThat(status.redrive()).isEqualTo(operations.redrive());
    }

    @Test
    void countsAreToldAsTheyAre() {
        var waiting = Map.of(Obstacle.Reason.NoReadyEndpoint, 3);
        Stats stats = QueueReport.of(
                        new QueueStats(30, 5, 2, 4, NOW, 120, 0.1234567, waiting), new QueueReport.Retained(9, 7), "")
                .stats();
        assertThat(stats)
                .isEqualTo(new Stats(
                        41,
                        30,
                        5,
                        2,
                        4,
                        7,
                        "2026-11-21T09:00:00Z",
                        120,
                        new Quantity("0.1235"),
                        Map.of("NoReadyEndpoint", 3),
                        3,
                        null,
                        0,
                        9));
    }

    @Test
    void whatThereIsNotIsNotTold() {
        Stats stats = stats(25).stats();
        assertThat(stats.oldestDueTime()).isNull();
        assertThat(stats.waiting()).isNull();
        assertThat(stats.blocked()).isZero();
        assertThat(Objects.requireNonNull(stats.enforcedDispatchesPerSecond()).toString())
                .isEqualTo("25");
    }

    private static TaskQueueStatus report(
            @Nullable TaskQueueStatus before,
            TaskQueueSpec spec,
            @Nullable Hold hold,
            Judgement judgement,
            double rate) {
        return new QueueStatusBuilder(3, before, NOW, "").of(spec, hold, judgement, NONE, stats(rate));
    }

    private static QueueReport stats(double rate) {
        return QueueReport.of(new QueueStats(0, 0, 0, 0, null, 0, rate, Map.of()), RETAINED, "");
    }

    private static Judgement good() {
        return new Judgement.Valid(QueueProfile.read(spec(null), false));
    }

    private static TaskQueueSpec spec(@Nullable RunState state) {
        return new TaskQueueSpec(state, null, null, null, null, null, null, null, null, null, null);
    }

    private static List<Condition> conditions(TaskQueueStatus status) {
        return Objects.requireNonNull(status.conditions());
    }

    private static List<String> told(TaskQueueStatus status) {
        return conditions(status).stream()
                .map(condition -> condition.getType() + "=" + condition.getStatus() + " " + condition.getReason())
                .toList();
    }
}
