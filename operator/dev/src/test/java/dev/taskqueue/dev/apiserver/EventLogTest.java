package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
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
    void waitsForWhatIsToCome() throws InterruptedException {
        append(2);
        List<Event> read = readWhile(() -> append(3));
        assertThat(read).extracting(Event::version).containsExactly(3L);
    }

    @Test
    void nothingCameWhenTheTimeIsOver() {
        append(2);
        assertThat(log.after(2, Duration.ZERO)).isEmpty();
    }

    @Test
    void closingEndsAllWaiting() throws InterruptedException {
        assertThat(readWhile(log::close)).isEmpty();
        assertThat(log.isClosed()).isTrue();
    }

    /** The events after version 2, read by a thread that already waits when the action runs. */
    private List<Event> readWhile(Runnable action) throws InterruptedException {
        var read = new ArrayList<Event>();
        Thread reader = Thread.ofPlatform().start(() -> read.addAll(log.after(2, LONG)));
        Awaitility.await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
        action.run();
        assertThat(reader.join(LONG.dividedBy(2))).isTrue();
        return read;
    }
}
