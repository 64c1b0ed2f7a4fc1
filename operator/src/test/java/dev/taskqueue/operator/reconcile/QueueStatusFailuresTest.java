package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class QueueStatusFailuresTest {
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final QueueId MAIL = new QueueId("shop", "mail");

    private final QueueStatusFailures failures = new QueueStatusFailures(() -> 0);

    private List<Duration> pauses(QueueId queue, int count) {
        return Stream.generate(() -> failures.failed(queue, "403")).limit(count).toList();
    }

    private static List<Duration> seconds(int... pauses) {
        return java.util.Arrays.stream(pauses).mapToObj(Duration::ofSeconds).toList();
    }

    @Test
    void thePausesOfAQueueGrowToHalfAMinute() {
        assertThat(pauses(ORDERS, 7)).isEqualTo(seconds(1, 2, 4, 8, 16, 30, 30));
        assertThat(pauses(MAIL, 2)).as("another queue").isEqualTo(seconds(1, 2));
    }

    @Test
    void afterASuccessTheNextPauseIsShort() {
        pauses(ORDERS, 3);
        pauses(MAIL, 3);
        failures.ended(ORDERS);
        assertThat(pauses(ORDERS, 1)).isEqualTo(seconds(1));
        assertThat(pauses(MAIL, 1)).isEqualTo(seconds(8));
    }
}
