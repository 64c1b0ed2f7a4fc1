package dev.taskqueue.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.oracle.Fact;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecoveryTimesTest {
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");

    private final RecoveryTimes times = new RecoveryTimes();

    @Test
    void theFirstDeliveryOfAnotherProcessEndsTheWait() {
        times.faultBegins(START);
        times.terminated(START, "op-a#1");
        times.faultBegins(START.plusSeconds(9));
        times.observe(received(1, "op-a#1"));
        times.observe(received(2, "op-b#1"));
        times.observe(received(3, "op-b#1"));
        assertThat(times.lines())
                .containsExactly(
                        "SIGTERM of the leader to the standby's first delivery: 1 times, min 2.0 s, median 2.0 s, max 2.0 s");
    }

    @Test
    void whatTheNextFaultDisturbsIsNotMeasured() {
        times.terminated(START, "op-a#1");
        times.faultBegins(START.plusSeconds(9));
        times.observe(received(10, "op-b#1"));
        assertThat(times.lines())
                .containsExactly("not measured, because nothing was delivered until the next fault: 1");
    }

    private static Fact received(int second, String by) {
        return new Fact.Received(START.plusSeconds(second), by, null, second, "POST", "/OK", Map.of(), 0);
    }
}
