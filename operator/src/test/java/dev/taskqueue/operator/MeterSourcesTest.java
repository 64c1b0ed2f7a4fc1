package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.QueueState;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Turn;
import dev.taskqueue.operator.ops.QueueFacts;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingTasks;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MeterSourcesTest {
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private final QueueProfiles queues = new QueueProfiles();

    @Test
    void theFactsOfAQueueAreThoseOfItsSpec() {
        queue(null);
        assertThat(facts()).isEqualTo(new QueueFacts(2.5, 7, "Running", 3));
    }

    @Test
    void theStateIsTheOneOfItsStatus() {
        queue(new Turn.Paused(Turn.By.SPEC, ""));
        assertThat(facts()).extracting(QueueFacts::state).isEqualTo(QueueState.Paused.name());
        queue(new Turn.Paused(Turn.By.HOLD, ""));
        assertThat(facts()).extracting(QueueFacts::state).isEqualTo(QueueState.Held.name());
        queue(new Turn.Paused(Turn.By.INVALID_SPEC, ""));
        assertThat(facts()).extracting(QueueFacts::state).isEqualTo(QueueState.Invalid.name());
    }

    @Test
    void aQueueThatDoesNotExistHasNoFacts() {
        assertThat(facts()).isNull();
    }

    private @Nullable QueueFacts facts() {
        return MeterSources.facts(queues, queue -> 3, ORDERS);
    }

    private void queue(Turn.@Nullable Paused pause) {
        var spec = TestingTasks.read(
                "{rateLimits: {maxDispatchesPerSecond: '2.5', maxConcurrentDispatches: 7}}", TaskQueueSpec.class);
        queues.put(ORDERS, QueueProfile.read(spec, false).withPause(pause));
    }
}
