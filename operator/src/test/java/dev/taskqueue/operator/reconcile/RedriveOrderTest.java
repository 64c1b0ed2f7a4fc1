package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Redrive;
import java.time.Instant;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RedriveOrderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00.1234Z");
    private static final Redrive DONE = new Redrive("a", "2026-11-21T08:00:00Z", 0, "2026-11-21T08:00:05Z");
    private static final Redrive GOES_ON = new Redrive("a", "2026-11-21T08:00:00Z", 7, null);

    @Test
    void aQueueThatWasNeverAskedSaysNothing() {
        RedriveOrder order = RedriveOrder.of(null, null, NOW);
        assertThat(order.redrive()).isNull();
        assertThat(order.failedBy()).isNull();
        assertThat(order.progressed(OptionalInt.of(0), NOW).redrive()).isNull();
    }

    @Test
    void aNewValueIsWrittenDownWithItsTime() {
        RedriveOrder order = RedriveOrder.of("b", DONE, NOW);
        assertThat(order.redrive()).isEqualTo(new Redrive("b", "2026-11-21T09:00:00.124Z", null, null));
        assertThat(order.failedBy()).isEqualTo("2026-11-21T09:00:00.124Z");
    }

    @Test
    void theSameValueIsNotActedOnAgain() {
        assertThat(RedriveOrder.of("a", DONE, NOW)).isEqualTo(new RedriveOrder(DONE));
        assertThat(RedriveOrder.of(null, DONE, NOW)).isEqualTo(new RedriveOrder(DONE));
        assertThat(new RedriveOrder(DONE).failedBy()).isNull();
    }

    @Test
    void whatHasBegunGoesOnFromWhereItWasWrittenDown() {
        RedriveOrder order = RedriveOrder.of(null, GOES_ON, NOW);
        assertThat(order.failedBy()).isEqualTo("2026-11-21T08:00:00Z");
        assertThat(order.progressed(OptionalInt.empty(), NOW).redrive()).isEqualTo(GOES_ON);
        assertThat(order.progressed(OptionalInt.of(3), NOW).redrive())
                .isEqualTo(new Redrive("a", "2026-11-21T08:00:00Z", 3, null));
        assertThat(order.progressed(OptionalInt.of(0), NOW).redrive())
                .isEqualTo(new Redrive("a", "2026-11-21T08:00:00Z", 0, "2026-11-21T09:00:00Z"));
    }
}
