package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Redrive;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.ActionValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RedriveOperationTest {
    private static final QueueId QUEUE = new QueueId("shop", "orders");
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00.1234Z");
    private static final Redrive DONE = new Redrive("a", "2026-11-21T08:00:00Z", 0, "2026-11-21T08:00:05Z");
    private static final Redrive GOES_ON = new Redrive("a", "2026-11-21T08:00:00Z", 7, null);

    private final List<Instant> started = new ArrayList<>();
    private OptionalInt left = OptionalInt.of(3);
    private final RedriveOperation redrives = new RedriveOperation((queue, value, failedBy) -> {
        started.add(failedBy);
        return left;
    });

    @Test
    void aQueueThatWasNeverAskedSaysNothing() {
        assertThat(redrives.step(QUEUE, null, null, NOW, NOW)).isEqualTo(new OperationStep<>(null, null));
        assertThat(started).isEmpty();
    }

    @Test
    void aNewValueIsWrittenDownWithItsTimeBeforeAnythingIsDone() {
        for (Redrive known : new Redrive[] {DONE, GOES_ON}) {
            OperationStep<Redrive> look = redrives.step(QUEUE, "b", known, NOW, NOW);
            assertThat(look.status()).isEqualTo(new Redrive("b", "2026-11-21T09:00:00.124Z", null, null));
            // Otherwise a write that is refused would be repeated without a pause.
            assertThat(look.again()).isNull();
        }
        assertThat(started).isEmpty();
    }

    @Test
    void aStartThatCannotBeReadStartsNothing() {
        var odd = new Redrive("a", "2026-11-21T08:00:00+19:00", null, null);
        assertThat(redrives.step(QUEUE, "a", odd, NOW, NOW)).isEqualTo(new OperationStep<>(odd, null));
        assertThat(started).isEmpty();
    }

    @Test
    void aLongValueOfAnOperatorBeforeThisOneIsNotActedOnAgain() {
        String value = "x".repeat(1000);
        var done = new Redrive(value, DONE.startTime(), 0, DONE.completionTime());
        assertThat(redrives.step(QUEUE, ActionValue.of(value), done, NOW, NOW).again())
                .isNull();
        assertThat(started).isEmpty();
    }

    @Test
    void theSameValueIsNotActedOnAgain() {
        assertThat(redrives.step(QUEUE, "a", DONE, NOW, NOW)).isEqualTo(new OperationStep<>(DONE, null));
        assertThat(redrives.step(QUEUE, null, DONE, NOW, NOW)).isEqualTo(new OperationStep<>(DONE, null));
        assertThat(started).isEmpty();
    }

    @Test
    void whatIsWrittenDownGoesOnToItsEndAlsoWithoutTheAnnotation() {
        OperationStep<Redrive> look = redrives.step(QUEUE, null, GOES_ON, NOW, NOW);
        assertThat(started).containsExactly(Instant.parse("2026-11-21T08:00:00Z"));
        assertThat(look)
                .isEqualTo(
                        new OperationStep<>(new Redrive("a", "2026-11-21T08:00:00Z", 3, null), ReportInterval.PAUSE));
        left = OptionalInt.of(0);
        look = redrives.step(QUEUE, "a", GOES_ON, NOW.plusSeconds(1), NOW.plusSeconds(1));
        assertThat(look)
                .isEqualTo(
                        new OperationStep<>(new Redrive("a", "2026-11-21T08:00:00Z", 0, "2026-11-21T09:00:01Z"), null));
    }

    @Test
    void progressIsToldNowAndThen() {
        redrives.step(QUEUE, "a", GOES_ON, NOW, NOW);
        left = OptionalInt.of(2);
        OperationStep<Redrive> soon = redrives.step(QUEUE, "a", GOES_ON, NOW.plusMillis(500), NOW.plusMillis(500));
        assertThat(soon).isEqualTo(new OperationStep<>(GOES_ON, Duration.ofMillis(1500)));
        assertThat(started).hasSize(2);
        assertThat(redrives.step(QUEUE, "a", GOES_ON, NOW.plusSeconds(2), NOW.plusSeconds(2))
                        .status())
                .isEqualTo(new Redrive("a", "2026-11-21T08:00:00Z", 2, null));
    }

    @Test
    void whileNotAllTasksAreKnownItIsNotOver() {
        left = OptionalInt.empty();
        assertThat(redrives.step(QUEUE, "a", GOES_ON, NOW, NOW).status())
                .isEqualTo(new Redrive("a", "2026-11-21T08:00:00Z", null, null));
    }
}
