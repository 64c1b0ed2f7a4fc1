package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");

    @ParameterizedTest(name = "hold {0}, until {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            deploy |                           | Held: deploy.
            ''     |                           | Held.
            deploy | 2026-11-21T09:00:00.001Z  | Held: deploy, until 2026-11-21T09:00:00.001Z.
            deploy | 2026-11-21T11:00:00+01:00 | Held: deploy, until 2026-11-21T10:00:00Z.
            deploy | 2026-11-21T09:00:00Z      |
            deploy | 2026-11-20T09:00:00Z      |
            deploy | tomorrow                  | Held: deploy. taskqueue.dev/hold-until is no RFC 3339 time, so it holds until the annotation taskqueue.dev/hold is removed.
                   | 2026-11-22T09:00:00Z      |
                   |                           |
            """)
    void holdsUntilItsTimeOrTheAnnotationsEnd(String hold, String until, String message) {
        var annotations = new HashMap<String, String>();
        if (hold != null) {
            annotations.put("taskqueue.dev/hold", hold);
        }
        if (until != null) {
            annotations.put("taskqueue.dev/hold-until", until);
        }
        Hold found = Hold.of(annotations, NOW);
        assertThat(found == null ? null : found.message()).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource({"a, 200, a", "a, 201, ...", "\uD83D\uDEA7, 200, \uD83D\uDEA7", "\uD83D\uDEA7, 201, ..."})
    void longWordsAreCut(String letter, int times, String end) {
        Hold hold = Objects.requireNonNull(Hold.of(Map.of("taskqueue.dev/hold", letter.repeat(times)), NOW));
        assertThat(hold.reason().codePointCount(0, hold.reason().length())).isEqualTo(200);
        assertThat(hold.reason()).startsWith(letter).endsWith(end);
    }

    @Test
    void severalLinesBecomeOne() {
        Hold hold = Objects.requireNonNull(Hold.of(Map.of("taskqueue.dev/hold", "\n Anna:\n\tdeploy \u0007"), NOW));
        assertThat(hold.summary()).isEqualTo("Held: Anna: deploy");
    }

    @Test
    void aQueueWithoutAnnotationsIsNotHeld() {
        assertThat(Hold.of(null, NOW)).isNull();
        assertThat(Hold.of(Map.of(), NOW)).isNull();
    }

    @Test
    void aTimeThatCannotBeReadNeverEndsTheHold() {
        Hold hold = Hold.of(Map.of("taskqueue.dev/hold", "x", "taskqueue.dev/hold-until", ""), NOW);
        assertThat(Objects.requireNonNull(hold).unreadable()).isTrue();
        assertThat(hold.until()).isNull();
    }

    /** A character that turns the direction of the text would also turn what the operator writes after it. */
    @Test
    void charactersThatOnlyFormatAreLeftOut() {
        Hold hold = Objects.requireNonNull(
                Hold.of(Map.of("taskqueue.dev/hold", "\u202eAnna\u200b:\u2028 deploy\u2066"), NOW));
        assertThat(hold.message()).isEqualTo("Held: Anna : deploy.");
    }
}
