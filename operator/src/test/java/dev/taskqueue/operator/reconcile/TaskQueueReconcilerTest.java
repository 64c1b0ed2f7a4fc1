package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Retention;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.QueueProfile;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskQueueReconcilerTest {
    private static final QueueId QUEUE = new QueueId("shop", "orders");

    @Test
    void aWrongEditDoesNotDeleteWhatTheSpecBeforeItWouldHaveKept() {
        QueueProfile good = profile(spec(new Retention("24h", "8760h", 20_000, 20_000, "8760h"), null), null);
        QueueProfile wrong = profile(spec(null, "tomorrow"), good);
        assertThat(wrong.retention()).isEqualTo(good.retention());
        assertThat(wrong.settings().paused()).isTrue();
    }

    private static QueueProfile profile(TaskQueueSpec spec, @Nullable QueueProfile before) {
        return QueueSettingsApplier.profile(spec, QueueRules.judge(QUEUE, spec, false, _ -> false), before);
    }

    private static TaskQueueSpec spec(@Nullable Retention retention, @Nullable String purgeBefore) {
        return new TaskQueueSpec(null, null, null, null, null, null, null, null, retention, null, purgeBefore);
    }

    @Test
    void aWaitIsNeverCutToNothing() {
        assertThat(TaskQueueReconciler.wholeMillis(Duration.ofNanos(1))).isEqualTo(Duration.ofMillis(1));
        assertThat(TaskQueueReconciler.wholeMillis(Duration.ofMillis(7))).isEqualTo(Duration.ofMillis(7));
        assertThat(TaskQueueReconciler.wholeMillis(Duration.ZERO)).isEqualTo(Duration.ZERO);
    }

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
