package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Purge;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PurgeOrderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00.700Z");
    private static final String PAST = "2026-11-20T00:00:00Z";

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "2026-11-20T00:00:00Z, 2026-11-20T00:00:00Z",
        "2026-11-20T01:00:00+01:00, 2026-11-20T00:00:00Z",
        // A Task with the creation time 00:00:00 may have been created at 00:00:00.9.
        "2026-11-20T00:00:00.5Z, 2026-11-20T00:00:00Z",
        "2026-11-21T09:00:00.800Z, 2026-11-21T09:00:00Z",
        "2126-11-20T00:00:00Z, 2026-11-21T09:00:00Z",
    })
    void aNewValueIsCutToTheMomentItIsFirstSeenAndToWholeSeconds(String value, Instant cutoff) {
        assertThat(PurgeOrder.of(value, null, NOW)).isEqualTo(new PurgeOrder.New(value, cutoff));
    }

    @Test
    void whatIsWrittenDownIsActedOnWithTheCutoffFromThere() {
        Purge known = known("2126-11-20T00:00:00Z", "2026-11-21T08:00:00Z", null);
        assertThat(PurgeOrder.of("2126-11-20T00:00:00Z", known, NOW))
                .isEqualTo(new PurgeOrder.Open(known, Instant.parse("2026-11-21T08:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(strings = {PAST, "2026-11-20T01:00:00+01:00"})
    void theSameTimeAgainDoesNothing(String value) {
        assertThat(PurgeOrder.of(value, known(PAST, PAST, PAST), NOW)).isEqualTo(new PurgeOrder.Nothing());
    }

    @ParameterizedTest
    @CsvSource(
            value = {"2026-11-20T08:00:00Z", "NULL"},
            nullValues = "NULL")
    void anotherTimePurgesAgainWhetherOrNotTheLastOneHasCome(@Nullable String completed) {
        String other = "2026-11-19T00:00:00Z";
        assertThat(PurgeOrder.of(other, known(PAST, PAST, completed), NOW))
                .isEqualTo(new PurgeOrder.New(other, Instant.parse(other)));
    }

    @Test
    void aStatusThatCannotBeReadIsWrittenAnew() {
        assertThat(PurgeOrder.of(PAST, known(PAST, null, null), NOW))
                .isEqualTo(new PurgeOrder.New(PAST, Instant.parse(PAST)));
    }

    @ParameterizedTest
    @CsvSource(
            value = {"NULL, false", "yesterday, true", "2026-11-20, true", "2026-11-21T23:59:60Z, true"},
            nullValues = "NULL")
    void withoutATimeNothingIsPurged(@Nullable String value, boolean unreadable) {
        assertThat(PurgeOrder.of(value, null, NOW)).isEqualTo(new PurgeOrder.Nothing());
        assertThat(PurgeOrder.of(value, known(PAST, PAST, null), NOW)).isEqualTo(new PurgeOrder.Nothing());
        assertThat(PurgeOrder.isUnreadable(value)).isEqualTo(unreadable);
    }

    private static Purge known(String value, @Nullable String cutoff, @Nullable String completed) {
        return new Purge(value, cutoff, 3, completed);
    }
}
