package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttemptHistoryTest {
    private static final Instant DUE = Instant.parse("2026-11-21T09:00:00Z");
    private static final Instant LEFT = DUE.plusMillis(3);
    private static final Instant ENDED = DUE.plusSeconds(2);

    @ParameterizedTest(name = "an answer {0} counts as {1} response and {2} execution")
    @CsvSource({"200, 1, 1", "302, 1, 1", "404, 1, 1", "429, 1, 1", "500, 1, 0", "503, 1, 0", "599, 1, 0"})
    void anAnswerIsAResponseAndOutside5xxAnExecution(int code, int responses, int executions) {
        AttemptHistory progress = AttemptHistory.NONE.plus(DUE, LEFT, ENDED, Outcome.Answered.of(code));
        assertThat(progress.dispatches()).isEqualTo(1);
        assertThat(progress.responses()).isEqualTo(responses);
        assertThat(progress.executions()).isEqualTo(executions);
        assertThat(progress.roundAttempts()).isEqualTo(1);
        assertThat(progress.last())
                .isEqualTo(new AttemptRecord(
                        1, DUE, LEFT, ENDED, code, AttemptReason.ofStatus(code), "The worker answered " + code + "."));
    }

    @Test
    void attemptsThatFailWithTheSameWordsShareThem() {
        AttemptHistory twice = AttemptHistory.NONE
                .plus(DUE, LEFT, ENDED, Outcome.Answered.of(500).with(new ResponseSnippet("no stock")))
                .plus(DUE, LEFT, ENDED, Outcome.Answered.of(500).with(new ResponseSnippet("no stock")))
                .plus(DUE, LEFT, ENDED, Outcome.Answered.of(500).with(new ResponseSnippet("no money")));
        assertThat(twice.recent().get(1).snippet())
                .isSameAs(twice.recent().get(0).snippet());
        assertThat(twice.recent().get(2).snippet()).isEqualTo(new ResponseSnippet("no money"));
    }

    @Test
    void anAttemptWithoutAnswerIsADispatchAlone() {
        var timeout = new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "No answer came within 10s.");
        AttemptHistory progress = AttemptHistory.NONE.plus(DUE, LEFT, ENDED, timeout);
        assertThat(progress.dispatches()).isEqualTo(1);
        assertThat(progress.responses()).isZero();
        assertThat(progress.executions()).isZero();
        assertThat(progress.last())
                .isEqualTo(new AttemptRecord(
                        1, DUE, LEFT, ENDED, null, AttemptReason.DeadlineExceeded, "No answer came within 10s."));
    }

    @Test
    void anInterruptedAttemptIsADispatchWhoseEndNobodyKnows() {
        AttemptHistory progress = AttemptHistory.NONE.plusInterrupted(DUE, LEFT);
        assertThat(progress.dispatches()).isEqualTo(1);
        assertThat(progress.roundAttempts()).isEqualTo(1);
        assertThat(progress.responses()).isZero();
        assertThat(progress.firstDispatchAt()).isEqualTo(LEFT);
        AttemptRecord last = progress.recent().getLast();
        assertThat(last.reason()).isEqualTo(AttemptReason.Interrupted);
        assertThat(last.respondedAt()).isNull();
        assertThat(last.statusCode()).isNull();
    }

    @Test
    void theFirstDispatchStays() {
        AttemptHistory progress = AttemptHistory.NONE
                .plus(DUE, LEFT, ENDED, Outcome.Answered.of(500))
                .plus(DUE.plusSeconds(10), LEFT.plusSeconds(10), ENDED.plusSeconds(10), Outcome.Answered.of(500));
        assertThat(progress.firstDispatchAt()).isEqualTo(LEFT);
        assertThat(progress.roundAttempts()).isEqualTo(2);
    }

    @Test
    void theLastFiveAttemptsAreKeptOldestFirst() {
        AttemptHistory progress = AttemptHistory.NONE;
        for (int attempt = 1; attempt <= 12; attempt++) {
            progress = progress.plus(DUE, LEFT, ENDED, Outcome.Answered.of(500));
            assertThat(progress.recent()).hasSize(Math.min(attempt, 5));
        }
        assertThat(progress.recent()).extracting(AttemptRecord::number).containsExactly(8, 9, 10, 11, 12);
        assertThat(progress.dispatches()).isEqualTo(12);
    }

    @Test
    void whatWasNeverSentHasNoLastAttempt() {
        assertThat(AttemptHistory.NONE.last()).isNull();
        assertThat(AttemptHistory.NONE.dispatches()).isZero();
    }
}
