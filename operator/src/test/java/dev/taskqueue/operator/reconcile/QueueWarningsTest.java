package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueWarningsTest {
    private static final QueueId QUEUE = new QueueId("shop", "orders");
    private static final Obstacle.Subject WORKER = new Obstacle.Subject(Obstacle.Kind.Service, "shop", "worker");

    private final Set<QueueId> existing = new HashSet<>();
    private final QueueProfiles queues = new QueueProfiles();
    private Optional<String> problem = Optional.empty();
    private final QueueWarnings warnings =
            new QueueWarnings((queue, target) -> problem, Duration.ofMinutes(30), queues, existing::contains);

    @Test
    void aGoodQueueHasNone() {
        assertThat(of("{}")).isEmpty();
    }

    @Test
    void aDeadLetterQueueThatDoesNotExistIsNamed() {
        queues.put(new QueueId("shop", "orders-failed"), profile("{}"));
        String spec = "{deadLetter: {queueRef: {name: 'order-failed'}}}";
        assertThat(of(spec))
                .isEqualTo(
                        "TaskQueue shop/order-failed, which spec.deadLetter.queueRef names, does not exist: dead letters"
                                + " wait until it is created. Did you mean orders-failed?");
        existing.add(new QueueId("shop", "order-failed"));
        assertThat(of(spec)).isEmpty();
    }

    @Test
    void aServiceThatDoesNotExistIsNamedAndLookedAtAgainWhenItChanges() {
        problem = Optional.of("Service shop/worker does not exist: create it.");
        String spec = "{httpTarget: {serviceRef: {name: 'worker'}}}";
        assertThat(of(spec)).isEqualTo("spec.httpTarget.serviceRef: Service shop/worker does not exist: create it.");
        assertThat(warnings.changedBy(WORKER)).isEmpty();
        problem = Optional.empty();
        assertThat(warnings.changedBy(new Obstacle.Subject(Obstacle.Kind.Service, "shop", "other")))
                .isEmpty();
        assertThat(warnings.changedBy(WORKER)).containsExactly(QUEUE);
        assertThat(of(spec)).isEmpty();
        assertThat(warnings.changedBy(WORKER)).isEmpty();
        warnings.forget(QUEUE);
        problem = Optional.of("again");
        assertThat(warnings.changedBy(WORKER)).isEmpty();
    }

    @Test
    void aDeadlineAboveTheOperatorsIsNamedWithItsSetting() {
        assertThat(of("{dispatchDeadline: '2h'}"))
                .isEqualTo(
                        "spec.dispatchDeadline 2h is above 30m of the operator's TASKQUEUE_MAX_DISPATCH_DEADLINE"
                                + " (chart: settings.maxDispatchDeadline): Tasks that name none of their own wait with LimitExceeded.");
        assertThat(of("{dispatchDeadline: '30m'}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0.1, one every 10 s", "0.9, one every 1.11 s", "1, 1 a second", "0.001, one every 16m 40s"})
    void aBurstThatOutweighsTheRateIsSaid(String rate, String then) {
        assertThat(of("{rateLimits: {maxDispatchesPerSecond: '" + rate + "'}}"))
                .isEqualTo("Up to 10 Tasks leave at once (spec.rateLimits.maxBurstSize), then " + then + ".");
        assertThat(of("{rateLimits: {maxDispatchesPerSecond: '" + rate + "', maxBurstSize: 1}}"))
                .isEmpty();
    }

    private String of(String spec) {
        return warnings.of(QUEUE, profile(spec));
    }

    private static QueueProfile profile(String spec) {
        return QueueProfile.read(TestingTasks.read(spec, TaskQueueSpec.class), false);
    }
}
