package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TaskQueueReconcilerTest {
    @Test
    void whatFailsIsTriedAgainForAsLongAsItTakes() {
        var retry = new GenericRetry();
        retry.initFrom(TaskQueueReconciler.class.getAnnotation(GradualRetry.class));
        RetryExecution execution = retry.initExecution();
        assertThat(Stream.generate(execution::nextDelay).limit(1_000))
                .allSatisfy(delay -> assertThat(delay)
                        .hasValueSatisfying(millis -> assertThat(millis).isBetween(1_000L, 30_000L)));
    }
}
