package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final EventLog log = new EventLog(3);

    private void append(long version) {
        log.append(new Event(version, false, null, Json.object()));
    }

    @Test
    void tellsWhatCameAfterAVersion() {
        append(2);
        append(5);
        append(6);
        assertThat(log.after(2, LONG)).extracting(Event::version).containsExactly(5L, 6L);
        assertThat(log.after(4, LONG)).extracting(Event::version).containsExactly(5L, 6L);
    }

    @Test
    void refusesWhomItCannotTellAll() {
        append(2);
        append(5);
        append(6);
        append(7);
        assertThat(log.after(2, LONG)).hasSize(3);
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> log.after(1, LONG))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(410));
    }

    @Test
    void waitsForWhatIsToCome() {
        append(2);
        var reading = CompletableFuture.supplyAsync(() -> log.after(2, LONG));
        append(3);
        assertThat(reading.join()).extracting(Event::version).containsExactly(3L);
    }

    @Test
    void nothingCameWhenTheTimeIsOver() {
        append(2);
        assertThat(log.after(2, Duration.ZERO)).isEmpty();
    }

    @Test
    void closingEndsAllWaiting() {
        var reading = CompletableFuture.supplyAsync(() -> log.after(0, Duration.ofDays(1)));
        log.close();
        assertThat(reading.join()).isEmpty();
        assertThat(log.isClosed()).isTrue();
    }
}
