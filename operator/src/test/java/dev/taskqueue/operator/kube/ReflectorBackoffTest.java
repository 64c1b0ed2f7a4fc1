package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.domain.Sleeper;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReflectorBackoffTest {
    private final AtomicInteger rests = new AtomicInteger();

    @Test
    void eachIsTwiceAsLongAsTheOneBeforeAndNoneLongerThanTwoSeconds() {
        var backoff = new ReflectorBackoff(this::rest, Sleeper.SYSTEM);
        assertThat(backoff.next()).isEqualTo(Duration.ofMillis(200));
        for (long millis : new long[] {400, 800, 1600, 2000, 2000}) {
            backoff.grow();
            assertThat(backoff.next()).isEqualTo(Duration.ofMillis(millis));
        }
        backoff.reset();
        assertThat(backoff.next()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void whoIsWokenBeginsWithShortOnes() {
        var backoff = new ReflectorBackoff(Duration.ofHours(1), Duration.ofHours(4), this::rest, Sleeper.SYSTEM);
        Thread rester = Thread.ofVirtual().start(backoff::rest);
        await().until(() -> rests.get() == 1);
        backoff.wake();
        await().until(() -> !rester.isAlive());
        assertThat(backoff.next()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aWakeUpThatComesWhenNobodyRestsIsForgotten() {
        var backoff = new ReflectorBackoff(Duration.ofHours(1), Duration.ofHours(4), this::rest, Sleeper.SYSTEM);
        backoff.wake();
        Thread rester = Thread.ofVirtual().start(backoff::rest);
        await().until(() -> rests.get() == 1);
        assertThat(rester.isAlive()).isTrue();
        backoff.wake();
        await().until(() -> !rester.isAlive());
    }

    private long rest() {
        rests.incrementAndGet();
        return 0;
    }
}
