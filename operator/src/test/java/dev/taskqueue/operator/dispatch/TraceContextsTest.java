package dev.taskqueue.operator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.testing.TestingAttempts;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextsTest {
    private static final String PRODUCER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final AttemptContext ATTEMPT = attempt("9d2c1f6e-51a1-4d0e-8a34-93f1f1a0f5aa");

    @Test
    void anAttemptBelongsToTheTraceOfItsProducer() {
        TraceContext context = Objects.requireNonNull(TraceContexts.of(ATTEMPT, PRODUCER));
        assertThat(context.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(context.parentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(context.spanId()).matches("[0-9a-f]{16}").isNotEqualTo("b7ad6b7169203331");
        assertThat(context.isSampled()).isTrue();
    }

    @Test
    void withoutAProducerTheTraceIsTheTasks() {
        TraceContext context = TraceContexts.of(ATTEMPT);
        assertThat(context.traceId()).isEqualTo("9d2c1f6e51a14d0e8a3493f1f1a0f5aa");
        assertThat(context.parentSpanId()).isNull();
        assertThat(context.header()).isEqualTo("00-" + context.traceId() + "-" + context.spanId() + "-01");
    }

    @Test
    void aProducerThatSamplesNothingIsFollowed() {
        TraceContext context = Objects.requireNonNull(TraceContexts.of(ATTEMPT, PRODUCER.substring(0, 53) + "00"));
        assertThat(context.isSampled()).isFalse();
    }

    @Test
    void aLaterVersionIsReadByItsFirstParts() {
        assertThat(TraceContexts.of(ATTEMPT, "cc" + PRODUCER.substring(2) + "-more"))
                .isEqualTo(TraceContexts.of(ATTEMPT, PRODUCER));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-x",
                PRODUCER + "-more",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            })
    void anythingElseIsNoTrace(String given) {
        assertThat(TraceContexts.of(ATTEMPT, given)).isNull();
    }

    @Test
    void withSpansTheHandlerGetsTheSpanOfTheAttempt() {
        TraceContext context = Objects.requireNonNull(TraceContexts.of(ATTEMPT, PRODUCER));
        assertThat(sent(true, PRODUCER)).isEqualTo(context.header());
        assertThat(sent(false, PRODUCER)).isEqualTo(PRODUCER);
        String unsampled = PRODUCER.substring(0, 53) + "00";
        assertThat(sent(true, unsampled)).isEqualTo(unsampled);
        assertThat(sent(true, "00-x")).isEqualTo("00-x");
        assertThat(sent(true, null))
                .isEqualTo(sent(false, null))
                .isEqualTo(TraceContexts.of(ATTEMPT).header());
    }

    private static @Nullable String sent(boolean hasSpans, @Nullable String given) {
        Map<String, String> user = given == null ? Map.of() : Map.of("Traceparent", given);
        return new DeliveryHeaders("1", hasSpans)
                .of(ATTEMPT, Set.of(), "n", user, Duration.ofSeconds(1))
                .get("traceparent");
    }

    private static AttemptContext attempt(String uid) {
        return TestingAttempts.first(new TaskId("shop", "order", uid), new QueueId("shop", "orders"), Instant.EPOCH);
    }
}
