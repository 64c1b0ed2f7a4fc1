package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttemptReasonTest {

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "200, Delivered",
        "204, Delivered",
        "299, Delivered",
        "300, Redirect",
        "304, Redirect",
        "399, Redirect",
        "400, ClientError",
        "428, ClientError",
        "429, TooManyRequests",
        "430, ClientError",
        "499, ClientError",
        "500, ServerError",
        "502, ServerError",
        "503, Unavailable",
        "504, ServerError",
        "599, ServerError",
        "100, UnexpectedStatus",
        "199, UnexpectedStatus",
        "600, UnexpectedStatus",
        "0, UnexpectedStatus",
    })
    void everyStatusCodeHasItsReason(int code, AttemptReason reason) {
        assertThat(AttemptReason.ofStatus(code)).isEqualTo(reason);
        assertThat(Outcome.Answered.of(code).isSuccess()).isEqualTo(reason == AttemptReason.Delivered);
    }
}
