package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatsScheduleTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId A = new QueueId("shop", "a");
    private static final QueueId B = new QueueId("shop", "b");

    private final StatsSchedule turns = new StatsSchedule();

    @Test
    void eachHasItsTurnOnceInTenSeconds() {
        turns.add(A);
        turns.add(B);
        assertThat(turns.next(NOW, queue -> true)).isEqualTo(A);
        assertThat(turns.next(NOW, queue -> true)).isEqualTo(B);
        assertThat(turns.next(NOW, queue -> true)).isNull();
        assertThat(turns.next(NOW.plusMillis(9_999), queue -> true)).isNull();
        assertThat(turns.next(NOW.plusSeconds(10), queue -> true)).isEqualTo(A);
    }

    @Test
    void aQueueWithoutNewsIsPassedOver() {
        turns.add(A);
        turns.add(B);
        assertThat(turns.next(NOW, B::equals)).isEqualTo(B);
        assertThat(turns.take(A)).isFalse();
    }

    @Test
    void aTurnIsTakenOnce() {
        turns.add(A);
        assertThat(turns.take(A)).isFalse();
        turns.next(NOW, queue -> true);
        assertThat(turns.take(A)).isTrue();
        assertThat(turns.take(A)).isFalse();
    }

    @Test
    void aQueueThatIsGoneHasNoTurn() {
        turns.add(A);
        turns.next(NOW, queue -> true);
        turns.remove(A);
        assertThat(turns.take(A)).isFalse();
        assertThat(turns.next(NOW.plusSeconds(60), queue -> true)).isNull();
    }

    @Test
    void aQueueThatComesAgainHasOneTurnOnly() {
        turns.add(A);
        turns.add(A);
        turns.remove(A);
        turns.add(A);
        var asked = new ArrayList<QueueId>();
        turns.next(NOW, queue -> !asked.add(queue));
        assertThat(asked).isEqualTo(List.of(A));
    }

    @Test
    void aQueueThatCameAndWentManyTimesIsStillOneLook() {
        for (int i = 0; i < 300; i++) {
            turns.remove(A);
            turns.add(A);
        }
        turns.add(B);
        assertThat(turns.next(NOW, B::equals)).isEqualTo(B);
    }

    @Test
    void tenThousandIdleQueuesCostAFewLooks() {
        for (int i = 0; i < 1000; i++) {
            turns.add(new QueueId("shop", "q" + i));
        }
        var asked = new ArrayList<QueueId>();
        assertThat(turns.next(NOW, queue -> !asked.add(queue))).isNull();
        assertThat(asked).hasSize(200);
        turns.next(NOW, queue -> !asked.add(queue));
        assertThat(asked).hasSize(400).doesNotHaveDuplicates();
    }
}
