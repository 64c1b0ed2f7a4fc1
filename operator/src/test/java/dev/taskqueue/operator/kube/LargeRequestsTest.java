package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Attempt;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.engine.Dispatcher.Shipment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LargeRequestsTest {
    private static final TaskId TASK = new TaskId("shop", "a", "uid-a");
    private static final QueueId QUEUE = new QueueId("shop", "orders");
    private static final Obstacle OBSTACLE = new Obstacle(
            Obstacle.Reason.SourceNotFound, new Obstacle.Subject(Obstacle.Kind.Secret, "shop", "s"), "It is gone.");
    private static final Attempt ATTEMPT = new Attempt(
            TASK,
            QUEUE,
            Instant.EPOCH,
            Instant.EPOCH,
            Progress.NONE,
            new RetryPolicy(
                    1, Duration.ZERO, RetryPolicy.GiveUp.WhenBoth, Duration.ZERO, Duration.ZERO, 0, 0, Set.of()));

    private final Deque<Preparation> preparations = new ArrayDeque<>();
    private final Dispatcher large = new LargeRequests((task, queue) -> preparations.removeFirst());

    private record TestingShipment(long size, int code) implements Shipment {
        @Override
        public Optional<Obstacle> obstacle() {
            return code == 0 ? Optional.of(OBSTACLE) : Optional.empty();
        }

        @Override
        public Outcome send(Attempt attempt) {
            return Outcome.Answered.of(code);
        }

        @Override
        public Duration deadline() {
            return Duration.ofSeconds(7);
        }
    }

    private Shipment prepared(Preparation... next) {
        preparations.addAll(List.of(next));
        return ((Preparation.Ready) large.prepare(new DeliveryId(TASK, 1), QUEUE)).shipment();
    }

    private static Preparation ready(long size, int code) {
        return new Preparation.Ready(new TestingShipment(size, code));
    }

    @Test
    void aSmallOneWaitsAsItIs() {
        assertThat(prepared(ready(LargeRequests.LIMIT, 200))).isInstanceOf(TestingShipment.class);
    }

    @Test
    void aLargeOneIsPreparedAgainWhenItLeaves() {
        Shipment light = prepared(ready(LargeRequests.LIMIT + 1, 200), ready(LargeRequests.LIMIT + 1, 201));
        assertThat(light.size()).isEqualTo(LargeRequests.LIMIT + 1);
        assertThat(light.deadline()).isEqualTo(Duration.ofSeconds(7));
        assertThat(preparations).hasSize(1);
        assertThat(light.obstacle()).isEmpty();
        assertThat(light.send(ATTEMPT)).isEqualTo(Outcome.Answered.of(201));
    }

    @Test
    void whatHasComeInItsWayMeanwhileKeepsIt() {
        assertThat(prepared(ready(1 << 20, 200), new Preparation.Blocked(OBSTACLE))
                        .obstacle())
                .contains(OBSTACLE);
        assertThat(prepared(ready(1 << 20, 200), ready(1 << 20, 0)).obstacle()).contains(OBSTACLE);
    }

    @Test
    void oneThatIsDeletedMeanwhileDoesNotLeave() {
        assertThat(prepared(ready(1 << 20, 200), new Preparation.Gone()).obstacle())
                .get()
                .extracting(Obstacle::message)
                .isEqualTo("The Task is there no more.");
    }

    @Test
    void whatCannotBePreparedIsNotTouched() {
        preparations.add(new Preparation.Blocked(OBSTACLE));
        assertThat(large.prepare(new DeliveryId(TASK, 1), QUEUE)).isEqualTo(new Preparation.Blocked(OBSTACLE));
    }
}
