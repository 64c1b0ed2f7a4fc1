package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Stats;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.DueHours;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.reconcile.QueueReport.Retained;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueueReportTest {
    private static final QueueId MAIL = new QueueId("shop", "mail");
    private static final Instant START = Instant.parse("2026-11-21T09:10:00Z");
    private static final Retained NOTHING = new Retained(0, 0);

    private Instant now = START;
    private final Engine engine = TestingEngine.silent(() -> now, () -> true);

    QueueReportTest() {
        var spec = new TaskQueueSpec(null, null, null, null, null, null, null, null, null, null, null);
        engine.applySettings(MAIL, QueueProfile.read(spec, false).settings(), true);
    }

    @Test
    void hoursAreWrittenInUtc() {
        offer("a", "2h");
        offer("b", "2h");
        offer("c", "30h");
        Stats stats = report(NOTHING).stats();
        assertThat(stats.dueByHour()).isEqualTo(Map.of("2026-11-21T11:00Z", 2, "2026-11-22T15:00Z", 1));
        assertThat(stats.dueLater()).isZero();
    }

    @Test
    void whereNothingIsDueLaterOnlyTheRestIsTold() {
        Stats stats = report(NOTHING).stats();
        assertThat(stats.dueByHour()).isNull();
        assertThat(stats.dueLater()).isZero();
        assertThat(stats.succeededRetained()).isZero();
    }

    /** Some hours are told apart, and some are not. */
    @Test
    void whileTimePassesAndNothingHappensNothingIsToBeWritten() {
        for (int hours = 40; hours < 100; hours++) {
            offer("t" + hours, hours + "h");
        }
        QueueReport written = report(NOTHING);
        assertThat(written.stats().dueLater()).isEqualTo(60 - DueHours.MOST);
        for (int minutes = 0; minutes < 40 * 60; minutes += 7) {
            now = START.plus(Duration.ofMinutes(minutes));
            assertThat(report(NOTHING)).isEqualTo(written);
            assertThat(report(NOTHING).isNotWorthAWriteAfter(written)).isTrue();
        }
    }

    @Test
    void theDeletesOfAnIdleQueueAreNotWorthAWrite() {
        assertThat(report(new Retained(0, 0)).isNotWorthAWriteAfter(report(new Retained(9_000, 0))))
                .isTrue();
        assertThat(report(new Retained(9_000, 0)).isNotWorthAWriteAfter(report(new Retained(9_000, 1))))
                .isFalse();
    }

    @Test
    void theNumbersGoAlongWithTheOthers() {
        offer("a", "2h");
        QueueReport written = report(NOTHING);
        offer("b", "3h");
        QueueReport next = report(new Retained(5, 0));
        assertThat(next.isNotWorthAWriteAfter(written)).isFalse();
        assertThat(next.stats().dueByHour()).hasSize(2);
        assertThat(next.stats().succeededRetained()).isEqualTo(5);
    }

    @Test
    void aStatusOfAnEarlierVersionGetsTheNumbersOnce() {
        QueueReport now = QueueReport.of(new QueueStats(0, 0, 0, 0, null, 0, 500, Map.of()), NOTHING, "");
        Stats stats = now.stats();
        var earlier = new Stats(
                stats.tasks(),
                stats.scheduled(),
                stats.queued(),
                stats.dispatching(),
                stats.backingOff(),
                stats.failedRetained(),
                stats.oldestDueTime(),
                stats.executedLastMinute(),
                stats.enforcedDispatchesPerSecond(),
                stats.waiting(),
                stats.blocked(),
                null,
                null,
                null);
        assertThat(now.isNotWorthAWriteAfter(new QueueReport(earlier, null))).isFalse();
        assertThat(now.isNotWorthAWriteAfter(now)).isTrue();
    }

    private QueueReport report(Retained retained) {
        return QueueReport.of(engine.stats(MAIL).orElseThrow(), retained, "");
    }

    private void offer(String name, String delay) {
        engine.offer(new Offer(
                new DeliveryId(new TaskId("shop", name, "uid-" + name), 1),
                MAIL,
                START,
                START,
                START.plus(Duration.parse("PT" + delay)),
                null,
                AttemptHistory.NONE,
                null,
                null,
                null));
    }
}
