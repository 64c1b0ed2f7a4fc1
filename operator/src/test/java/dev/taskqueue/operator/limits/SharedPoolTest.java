package dev.taskqueue.operator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.QueueId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedPoolTest {
    private static final QueueId MAIL = new QueueId("shop", "mail");
    private static final QueueId STOCK = new QueueId("shop", "stock");
    private static final QueueId BILLS = new QueueId("bank", "bills");

    @Test
    void aQueueThatIsAloneGetsHalf() {
        assertThat(takeAll(new SharedPool("p", 100, false), MAIL)).isEqualTo(50);
    }

    @Test
    void aNamespaceOfManyQueuesGetsThreeQuarters() {
        var pool = new SharedPool("p", 100, false);
        int taken = 0;
        for (int i = 0; i < 100; i++) {
            taken += takeAll(pool, new QueueId("shop", "q" + i));
        }
        assertThat(taken).isEqualTo(75);
    }

    @Test
    void anotherNamespaceStillFindsRoom() {
        var pool = new SharedPool("p", 100, false);
        takeAll(pool, MAIL);
        takeAll(pool, STOCK);
        assertThat(takeAll(pool, BILLS)).isGreaterThanOrEqualTo(10);
    }

    @Test
    void aFullPoolGivesNothingWithoutAGuarantee() {
        var pool = new SharedPool("p", 1, false);
        assertThat(pool.tryAcquire(MAIL, 1)).isTrue();
        assertThat(pool.tryAcquire(BILLS, 1)).isFalse();
    }

    @Test
    void withAGuaranteeAQueueThatHoldsNothingAlwaysGetsOne() {
        var pool = new SharedPool("p", 1, true);
        assertThat(pool.tryAcquire(MAIL, 5)).isTrue();
        assertThat(pool.tryAcquire(BILLS, 5)).isTrue();
        assertThat(pool.tryAcquire(BILLS, 1)).isFalse();
        assertThat(pool.used()).isEqualTo(10);
    }

    @Test
    void whatIsGivenBackIsFreeForOthers() {
        var pool = new SharedPool("p", 1, false);
        pool.tryAcquire(MAIL, 1);
        pool.release(MAIL, 1);
        assertThat(pool.used()).isZero();
        assertThat(pool.heldBy(MAIL)).isZero();
        assertThat(pool.tryAcquire(BILLS, 1)).isTrue();
    }

    @Test
    void whoWaitsIsServedByTurnsOverTheNamespacesAndTheirQueues() throws InterruptedException {
        var pool = new SharedPool("p", 1, false);
        pool.acquire(BILLS);
        BlockingQueue<QueueId> served = new LinkedBlockingQueue<>();
        for (QueueId holder : List.of(MAIL, MAIL, STOCK, BILLS)) {
            waitInLine(pool, holder, served);
        }
        var order = new ArrayList<QueueId>();
        pool.release(BILLS, 1);
        for (int i = 0; i < 4; i++) {
            QueueId next = served.poll(1, TimeUnit.MINUTES);
            order.add(next);
            pool.release(next, 1);
        }
        assertThat(order).containsExactly(MAIL, BILLS, STOCK, MAIL);
    }

    @Test
    void aQueueThatMayHoldNoMoreDoesNotHoldUpItsNeighbour() throws InterruptedException {
        var pool = new SharedPool("p", 4, false);
        takeAll(pool, MAIL);
        BlockingQueue<QueueId> served = new LinkedBlockingQueue<>();
        waitInLine(pool, MAIL, served);
        pool.acquire(STOCK);
        assertThat(pool.heldBy(STOCK)).isEqualTo(1);
        assertThat(served).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theSumIsRightAndTheCapacityIsNeverExceeded(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        var pool = new SharedPool("p", 50, false);
        Map<QueueId, Long> held = new HashMap<>();
        for (int step = 0; step < 10_000; step++) {
            var holder = new QueueId("n" + random.nextInt(4), "q" + random.nextInt(3));
            long amount = random.nextLong(8);
            if (random.nextBoolean()) {
                if (pool.tryAcquire(holder, amount)) {
                    held.merge(holder, amount, Long::sum);
                }
            } else {
                long back = Math.min(amount, held.getOrDefault(holder, 0L));
                pool.release(holder, back);
                held.merge(holder, -back, Long::sum);
            }
            assertThat(pool.used())
                    .isEqualTo(held.values().stream().mapToLong(Long::longValue).sum())
                    .isLessThanOrEqualTo(50);
            assertThat(pool.heldBy(holder)).isEqualTo(held.getOrDefault(holder, 0L));
        }
    }

    private static int takeAll(SharedPool pool, QueueId holder) {
        int taken = 0;
        while (pool.tryAcquire(holder, 1)) {
            taken++;
        }
        return taken;
    }

    /** Returns when a thread waits in line for the holder. */
    private static void waitInLine(SharedPool pool, QueueId holder, BlockingQueue<QueueId> served) {
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            pool.acquire(holder);
            served.add(holder);
        });
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }
}
