package dev.taskqueue.operator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeadLetterOriginTest {
    @Test
    void theHandlerIsToldWhereItComesFrom() {
        assertThat(new DeadLetterOrigin("orders", "order-4711", "RetriesExhausted", 5, 503).headers())
                .isEqualTo(Map.of(
                        "TaskQueue-DeadLetter-Queue", "orders",
                        "TaskQueue-DeadLetter-Task", "order-4711",
                        "TaskQueue-DeadLetter-Reason", "RetriesExhausted",
                        "TaskQueue-DeadLetter-Attempts", "5",
                        "TaskQueue-DeadLetter-Status-Code", "503"));
    }

    @Test
    void whatIsNotKnownIsNotTold() {
        assertThat(new DeadLetterOrigin("orders", null, null, 0, null).headers())
                .isEqualTo(Map.of("TaskQueue-DeadLetter-Queue", "orders", "TaskQueue-DeadLetter-Attempts", "0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " a", "a\r\nHost: evil", "ä", "a\u0000", "a\n"})
    void whatNoHeaderCanCarryIsLeftOut(String value) {
        assertThat(new DeadLetterOrigin(value, value, value, null, null).headers())
                .isEmpty();
    }
}
