package dev.taskqueue.operator.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Dispatcher.FinalCheck;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.engine.Dispatcher.PreparedRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Large requests wait without their content, and are prepared again when they are fetched. */
class LateLoadingDispatcherTest {
    private static final DeliveryId TASK = new DeliveryId(new TaskId("shop", "a", "uid-a"), 1);
    private static final QueueId QUEUE = new QueueId("shop", "orders");
    private static final Preparation BLOCKED = new Preparation.Blocked(Obstacle.noQueue(QUEUE));

    private final Deque<Preparation> preparations = new ArrayDeque<>();
    private final Dispatcher large = new LateLoadingDispatcher((delivery, queue) -> preparations.removeFirst());

    private record TestingRequest(long size) implements PreparedRequest {
        @Override
        public FinalCheck finalCheck() {
            throw new AssertionError("nothing leaves here");
        }

        @Override
        public Duration deadline() {
            return Duration.ofSeconds(7);
        }
    }

    private static Preparation ready(long size) {
        return new Preparation.Ready(new TestingRequest(size));
    }

    @Test
    void aSmallOneWaitsAsItIs() {
        preparations.add(ready(LateLoadingDispatcher.LIMIT));
        assertThat(large.prepare(TASK, QUEUE)).isEqualTo(ready(LateLoadingDispatcher.LIMIT));
    }

    @Test
    void aLargeOneIsPreparedAgainWhenItIsFetched() {
        preparations.addAll(List.of(ready(LateLoadingDispatcher.LIMIT + 1), ready(LateLoadingDispatcher.LIMIT + 2)));
        assertThat(large.prepare(TASK, QUEUE))
                .isEqualTo(new Preparation.Large(
                        LateLoadingDispatcher.LIMIT + 1, new TestingRequest(LateLoadingDispatcher.LIMIT + 1)));
        assertThat(preparations).hasSize(1);
        assertThat(large.fetch(TASK, QUEUE)).isEqualTo(ready(LateLoadingDispatcher.LIMIT + 2));
    }

    @Test
    void whatHasComeInItsWayMeanwhileKeepsIt() {
        preparations.addAll(List.of(BLOCKED, new Preparation.NoTask()));
        assertThat(large.fetch(TASK, QUEUE)).isEqualTo(BLOCKED);
        assertThat(large.fetch(TASK, QUEUE)).isEqualTo(new Preparation.NoTask());
    }

    @Test
    void whatCannotBePreparedIsNotTouched() {
        preparations.add(BLOCKED);
        assertThat(large.prepare(TASK, QUEUE)).isEqualTo(BLOCKED);
    }
}
