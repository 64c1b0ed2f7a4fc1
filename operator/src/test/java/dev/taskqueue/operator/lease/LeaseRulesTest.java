package dev.taskqueue.operator.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseRulesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final LeaseRules RULES =
            new LeaseRules("me", Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofMillis(100));

    /** Times are milliseconds. An empty duration means that the holder does not state one. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a lease that never was is taken               |         |    | none    | 0     | Acquire",
                "one in nobody's hands is taken at once        | ''      | 1  | there   | 0     | Acquire",
                "another's fresh one is left alone             | other   | 15 | there   | 0     | Wait other 15100",
                "so it is until its very end                   | other   | 15 | there   | 15000 | Wait other 100",
                "and a little beyond                           | other   | 15 | there   | 15099 | Wait other 1",
                "then it is taken                              | other   | 15 | there   | 15100 | Acquire",
                "its holder's word counts, not ours            | other   | 60 | there   | 15100 | Wait other 45000",
                "a shorter one of its holder counts too        | other   | 5  | there   | 5100  | Acquire",
                "ours counts where the holder says nothing     | other   | 0  | there   | 15000 | Wait other 100",
                "a deleted one goes on for its holder          | other   | 15 | deleted | 15000 | Wait other 100",
                "and is made anew after that                   | other   | 15 | deleted | 15100 | Acquire",
                "one that was given back and deleted is free   | ''      | 1  | deleted | 100   | Acquire",
                "ours, of which no answer told us, is taken    | me      | 15 | there   | 0     | Acquire",
            })
    void aStandby(
            String rule,
            @Nullable String holder,
            @Nullable Integer seconds,
            String state,
            long passed,
            String decision) {
        assertThat(text(RULES.standby(observed(holder, seconds, state), passed * 1_000_000)))
                .isEqualTo(decision);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "there is time until the next renewal     | me    | there   | 0     | Wait me 2000",
                "which is due after a period              | me    | there   | 2000  | Renew",
                "a late one is tried all the same         | me    | there   | 60000 | Renew",
                "another has it                           | thief | there   | 0     | Lost thief has it",
                "somebody has emptied it                  | ''    | there   | 0     | Lost it was emptied",
                "it is no more                            | me    | deleted | 0     | Lost it was deleted",
            })
    void aLeader(String rule, String holder, String state, long passed, String decision) {
        assertThat(text(RULES.leader(observed(holder, 15, state), 0, passed * 1_000_000)))
                .isEqualTo(decision);
    }

    @Test
    void aNewHolderIsATransitionAndARenewalIsNone() {
        LeaseRecord others = record(7, "other", 15);
        LeaseRecord taken = RULES.ours(others, NOW);
        assertThat(taken).isEqualTo(new LeaseRecord(7, "me", Duration.ofSeconds(15), 4, NOW, NOW));
        assertThat(RULES.ours(taken, NOW.plusSeconds(2)))
                .isEqualTo(new LeaseRecord(7, "me", Duration.ofSeconds(15), 4, NOW, NOW.plusSeconds(2)));
        assertThat(RULES.ours(null, NOW)).isEqualTo(new LeaseRecord(0, "me", Duration.ofSeconds(15), 0, NOW, NOW));
        assertThat(taken.released(NOW).isFree()).isTrue();
        assertThat(taken.released(NOW).version()).isEqualTo(7);
    }

    @Test
    void theTimeSinceWhichALeaseIsUnchangedIsThatOfItsVersion() {
        ObservedLease seen = ObservedLease.NOTHING.plus(record(7, "other", 15), 100);
        assertThat(seen.plus(record(7, "other", 15), 200).atNanos()).isEqualTo(100);
        assertThat(seen.plus(record(8, "other", 15), 200).atNanos()).isEqualTo(200);
        assertThat(seen.plus(null, 200)).isEqualTo(new ObservedLease(null, record(7, "other", 15), 100));
    }

    @Test
    void whatIsOlderThanWhatIsKnownIsNoNews() {
        ObservedLease seen = ObservedLease.NOTHING.plus(record(8, "me", 15), 100);
        assertThat(seen.plus(record(7, "other", 15), 200)).isEqualTo(seen);
        ObservedLease deleted = seen.plus(null, 200);
        assertThat(deleted.plus(record(8, "me", 15), 300)).isEqualTo(deleted);
    }

    private static ObservedLease observed(@Nullable String holder, @Nullable Integer seconds, String state) {
        if (holder == null || seconds == null) {
            return ObservedLease.NOTHING;
        }
        ObservedLease there = ObservedLease.NOTHING.plus(record(7, holder, seconds), 0);
        return state.equals("deleted") ? there.plus(null, 0) : there;
    }

    private static LeaseRecord record(long version, String holder, int seconds) {
        return new LeaseRecord(version, holder, Duration.ofSeconds(seconds), 3, null, null);
    }

    private static String text(LeaseDecision decision) {
        return switch (decision) {
            case LeaseDecision.Acquire _ -> "Acquire";
            case LeaseDecision.Renew _ -> "Renew";
            case LeaseDecision.Wait wait ->
                "Wait " + wait.holder() + " " + wait.atMost().toMillis();
            case LeaseDecision.Lost lost -> "Lost " + lost.why();
        };
    }
}
