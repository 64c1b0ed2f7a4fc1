package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
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
        assertThat(next(NOW, queue -> true)).isEqualTo(A);
        assertThat(next(NOW, queue -> true)).isEqualTo(B);
        assertThat(next(NOW, queue -> true)).isNull();
        assertThat(next(NOW.plusMillis(9_999), queue -> true)).isNull();
        assertThat(next(NOW.plusSeconds(10), queue -> true)).isEqualTo(A);
    }

    @Test
    void aQueueWithoutNewsIsPassedOver() {
        turns.add(A);
        turns.add(B);
        assertThat(next(NOW, B::equals)).isEqualTo(B);
        assertThat(turns.take(A)).isFalse();
    }

    @Test
    void aTurnIsTakenOnce() {
        turns.add(A);
        assertThat(turns.take(A)).isFalse();
        next(NOW, queue -> true);
        assertThat(turns.take(A)).isTrue();
        assertThat(turns.take(A)).isFalse();
    }

    @Test
    void aQueueThatIsGoneHasNoTurn() {
        turns.add(A);
        next(NOW, queue -> true);
        turns.remove(A);
        assertThat(turns.take(A)).isFalse();
        assertThat(next(NOW.plusSeconds(60), queue -> true)).isNull();
    }

    @Test
    void aQueueThatComesAgainHasOneTurnOnly() {
        turns.add(A);
        turns.add(A);
        turns.remove(A);
        turns.add(A);
        var asked = new ArrayList<QueueId>();
        next(NOW, queue -> !asked.add(queue));
        assertThat(asked).isEqualTo(List.of(A));
    }

    @Test
    void aQueueThatCameAndWentManyTimesIsStillOneLook() {
        for (int i = 0; i < 300; i++) {
            turns.remove(A);
            turns.add(A);
        }
        turns.add(B);
        assertThat(next(NOW, B::equals)).isEqualTo(B);
    }

    @Test
    void tenThousandIdleQueuesCostAFewLooks() {
        for (int i = 0; i < 1000; i++) {
            turns.add(new QueueId("shop", "q" + i));
        }
        var asked = new ArrayList<QueueId>();
        assertThat(next(NOW, queue -> !asked.add(queue))).isNull();
        assertThat(asked).hasSize(200);
        next(NOW, queue -> !asked.add(queue));
        assertThat(asked).hasSize(400).doesNotHaveDuplicates();
    }

    @Test
    void anUrgentQueueGoesBeforeThoseThatHaveOnlyChanged() {
        for (int i = 0; i < 100; i++) {
            turns.add(new QueueId("shop", "q" + i));
        }
        turns.add(A);
        var named = new ArrayList<QueueId>();
        for (int i = 0; i < 4; i++) {
            named.add(turns.next(NOW, A::equals, queue -> true));
        }
        assertThat(named).containsOnlyOnce(A);
        assertThat(turns.take(A)).isTrue();
    }

    @Test
    void anUrgentQueueIsNamedOnceInTenSeconds() {
        turns.add(A);
        assertThat(turns.next(NOW, A::equals, queue -> false)).isEqualTo(A);
        for (int i = 0; i < 20; i++) {
            assertThat(turns.next(NOW.plusMillis(9_999), A::equals, queue -> true))
                    .isNull();
        }
        turns.next(NOW.plusSeconds(10), queue -> false, queue -> false);
        assertThat(turns.next(NOW.plusSeconds(20), A::equals, queue -> false)).isEqualTo(A);
    }

    @Test
    void aQueueThatWasCheckedAndHadNoNewsIsUrgentAtOnce() {
        turns.add(A);
        next(NOW, queue -> false);
        next(NOW, queue -> false);
        assertThat(turns.next(NOW.plusSeconds(1), A::equals, queue -> false)).isEqualTo(A);
    }

    private @Nullable QueueId next(Instant now, Predicate<QueueId> hasNews) {
        return turns.next(now, queue -> false, hasNews);
    }
}
