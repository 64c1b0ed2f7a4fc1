package dev.taskqueue.operator.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.lease.LeaderTerm.Moment;
import dev.taskqueue.operator.lease.LeaderTerm.Phase;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests every phase with every event. */
class LeaderTermTest {
    private static final Moment NOW = new Moment(1_000, 1_000);
    private static final Moment SOON = new Moment(2_000, 2_000);
    private static final Moment PAST = new Moment(500, 500);

    private enum Event {
        /** A renewal is acknowledged while it is still valid. */
        RENEWED,
        /** A renewal is acknowledged after its time is over. */
        RENEWED_TOO_LATE,
        TOOK_OVER,
        /** Nothing happens until the last renewal has run out. */
        TIME_PASSES,
        RELEASED,
        LOST
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                // phase    | RENEWED  | RENEWED_TOO_LATE | TOOK_OVER | TIME_PASSES | RELEASED | LOST
                "Standby    | TakingOver | TakingOver | Standby    | Standby    | Lost     | Lost",
                "TakingOver | TakingOver | TakingOver | Leading    | TakingOver | Lost     | Lost",
                "Leading    | Leading    | Suspended  | Leading    | Suspended  | Released | Lost",
                "Suspended  | Leading    | Suspended  | Suspended  | Suspended  | Released | Lost",
                "Released   | Released   | Released   | Released   | Released   | Released | Released",
                "Lost       | Lost       | Lost       | Lost       | Lost       | Lost     | Lost",
            })
    void goesOnAs(
            Phase phase, Phase renewed, Phase tooLate, Phase tookOver, Phase timePasses, Phase released, Phase lost) {
        LeaderTerm before = term(phase);
        assertThat(Arrays.stream(Event.values())
                        .collect(Collectors.toMap(
                                event -> event,
                                event -> after(before, event).at(now(event)).phase())))
                .containsEntry(Event.RENEWED, renewed)
                .containsEntry(Event.RENEWED_TOO_LATE, tooLate)
                .containsEntry(Event.TOOK_OVER, tookOver)
                .containsEntry(Event.TIME_PASSES, timePasses)
                .containsEntry(Event.RELEASED, released)
                .containsEntry(Event.LOST, lost);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void onlyATermThatHasTakenOverEverLeads(Phase phase) {
        boolean tookOver = phase == Phase.Leading || phase == Phase.Suspended;
        for (Event first : Event.values()) {
            for (Event second : Event.values()) {
                boolean mayLead = tookOver || first == Event.TOOK_OVER || second == Event.TOOK_OVER;
                Phase end = after(after(term(phase), first), second).phase();
                assertThat(end == Phase.Leading && !mayLead)
                        .as("%s, %s, %s", phase, first, second)
                        .isFalse();
            }
        }
    }

    @Test
    void aTakeOverThatEndsAfterTheRenewalHasEndedIsSuspended() {
        LeaderTerm term = new LeaderTerm(Phase.TakingOver, PAST).tookOver(NOW);
        assertThat(term.phase()).isEqualTo(Phase.Suspended);
        assertThat(term.renewed(SOON, NOW).phase()).isEqualTo(Phase.Leading);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void theLeaseIsOursFromTheElectionToTheEnd(Phase phase) {
        assertThat(term(phase).isOurs())
                .isEqualTo(phase == Phase.TakingOver || phase == Phase.Leading || phase == Phase.Suspended);
    }

    @ParameterizedTest(name = "{0} ns, {1} ms")
    @CsvSource({"1999, 1999, Leading", "2000, 1999, Suspended", "1999, 2000, Suspended", "2000, 2000, Suspended"})
    void whicheverClockIsAheadEndsARenewal(long nanos, long millis, Phase phase) {
        assertThat(new LeaderTerm(Phase.Leading, SOON)
                        .at(new Moment(nanos, millis))
                        .phase())
                .isEqualTo(phase);
    }

    private static LeaderTerm term(Phase phase) {
        return new LeaderTerm(phase, phase == Phase.Suspended ? PAST : SOON);
    }

    private static LeaderTerm after(LeaderTerm term, Event event) {
        return switch (event) {
            case RENEWED -> term.renewed(SOON, NOW);
            case RENEWED_TOO_LATE -> term.renewed(PAST, NOW);
            case TOOK_OVER -> term.tookOver(NOW);
            case TIME_PASSES -> term.at(SOON);
            case RELEASED -> term.released();
            case LOST -> term.lost();
        };
    }

    private static Moment now(Event event) {
        return event == Event.TIME_PASSES ? SOON : NOW;
    }
}
