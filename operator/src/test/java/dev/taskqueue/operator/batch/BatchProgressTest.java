package dev.taskqueue.operator.batch;

import static dev.taskqueue.operator.batch.RandomProgress.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.RedriveRequest;
import java.time.Instant;
import java.util.BitSet;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchProgressTest {
    private static final Instant NOW = START.plusSeconds(10);

    private static AttemptHistory attempts(int count, int code) {
        AttemptHistory history = AttemptHistory.NONE;
        for (int i = 0; i < count; i++) {
            history = history.plus(START, START.plusMillis(i), START.plusMillis(i), RandomProgress.outcome(code));
        }
        return history;
    }

    private static Entry success() {
        return new Entry.Finished(attempts(1, 200), new Ending(Ending.Reason.Delivered, "Delivered."), NOW);
    }

    private static Entry failure(int attempts) {
        return new Entry.Finished(
                attempts(attempts, 500), new Ending(Ending.Reason.RetriesExhausted, "It failed."), NOW);
    }

    private static Entry retry(int attempts) {
        return new Entry.BackingOff(attempts(attempts, 503), NOW.plusSeconds(60));
    }

    private static BitSet bits(int... indexes) {
        var bits = new BitSet();
        IntStream.of(indexes).forEach(bits::set);
        return bits;
    }

    @Test
    void anItemEndsOnce() {
        var progress = new BatchProgress(3);
        assertThat(progress.note(0, null, retry(1))).isTrue();
        assertThat(progress.retries()).containsOnlyKeys(0);
        assertThat(progress.note(0, null, success())).isTrue();
        assertThat(progress.note(0, null, failure(1))).isFalse();
        assertThat(progress.note(1, null, failure(1))).isTrue();
        assertThat(progress.note(1, null, success())).isFalse();
        assertThat(progress.open()).isEqualTo(bits(2));
        assertThat(progress.retries()).isEmpty();
        assertThat(progress.succeededCount()).isOne();
        assertThat(progress.failedCount()).isOne();
        assertThat(progress.isDone()).isFalse();
        progress.note(2, null, success());
        assertThat(progress.isDone()).isTrue();
        assertThat(progress.isSuccess()).isFalse();
    }

    @Test
    void theStartIsWhenTheFirstRequestLeft() {
        var progress = new BatchProgress(3);
        progress.note(
                0, null, new Entry.Finished(AttemptHistory.NONE, new Ending(Ending.Reason.Expired, "Late."), NOW));
        assertThat(progress.startedAt()).isNull();
        progress.claim(new ItemClaim(bits(1), NOW, NOW.plusSeconds(5), "a"));
        assertThat(progress.startedAt()).isEqualTo(NOW);
        progress.note(2, null, success());
        assertThat(progress.startedAt()).isEqualTo(START);
        assertThat(progress.state(true)).isEqualTo(BatchState.Running);
    }

    @Test
    void nothingIsSkippedThatHasEnded() {
        var progress = new BatchProgress(5);
        progress.note(0, null, success());
        progress.note(1, null, failure(1));
        progress.note(2, null, retry(2));
        progress.claim(new ItemClaim(bits(3), NOW, NOW.plusSeconds(5), "a"));
        progress.skip(bits(0, 1, 2, 3, 99));
        assertThat(progress.skippedCount()).isEqualTo(2);
        assertThat(progress.open()).isEqualTo(bits(4));
        assertThat(progress.claims()).isEmpty();
        assertThat(progress.retries()).isEmpty();
    }

    /** It had left before the batch was stopped. */
    @Test
    void whatEndsAfterItWasSkippedCounts() {
        var progress = new BatchProgress(2);
        progress.stop(BatchStop.cancelled("no more"));
        progress.skip(bits(0, 1));
        assertThat(progress.note(0, null, success())).isTrue();
        assertThat(progress.note(1, null, retry(3))).isTrue();
        assertThat(progress.isDone()).isTrue();
        assertThat(progress.succeededCount()).isOne();
        assertThat(progress.skippedCount()).isOne();
        progress.redrive(RedriveRequest.byTask("a"), NOW);
        assertThat(progress.retries())
                .hasEntrySatisfying(
                        1, again -> assertThat(again.attempts().earlier()).isEqualTo(3));
    }

    @Test
    void aRedriveStartsWhatFailedAndWhatWasSkipped() {
        var progress = new BatchProgress(5);
        progress.note(0, null, success());
        progress.note(1, "k", failure(4));
        progress.note(2, null, retry(2));
        progress.note(3, null, retry(1));
        progress.awaitDeadLetter(1);
        progress.stop(BatchStop.tooManyFailed(0));
        progress.skip(bits(2, 4));
        progress.reported("a-done");
        progress.complete(NOW);
        BitSet again = progress.redrive(new RedriveRequest("mine", "queue"), NOW);
        assertThat(again).isEqualTo(bits(1, 2, 4));
        assertThat(progress.round()).isEqualTo(2);
        assertThat(progress.roundStartedAt()).isEqualTo(NOW);
        assertThat(progress.open()).isEqualTo(bits(1, 2, 3, 4));
        assertThat(progress.retries()).containsOnlyKeys(1, 2, 3);
        assertThat(progress.retries().get(1)).isEqualTo(new ItemRetry(ItemAttempts.none(4), NOW.toEpochMilli()));
        assertThat(progress.retries().get(2)).isEqualTo(new ItemRetry(ItemAttempts.none(2), NOW.toEpochMilli()));
        assertThat(progress.stop()).isNull();
        assertThat(progress.failures()).isEmpty();
        assertThat(progress.completedAt()).isNull();
        assertThat(progress.onFinishedTask()).isNull();
        assertThat(progress.openDeadLetters().isEmpty()).isTrue();
        // An object with the next number may exist.
        assertThat(progress.deadLettersCreated()).isOne();
        assertThat(progress.handled().redrive()).isEqualTo("mine");
        assertThat(progress.handled().queueRedrive()).isEqualTo("queue");
        assertThat(progress.startedAt()).isEqualTo(START);
    }

    @Test
    void aRedriveWithoutAnythingToStartIsNotedAlone() {
        var progress = new BatchProgress(1);
        progress.note(0, null, success());
        progress.complete(NOW);
        assertThat(progress.redrive(RedriveRequest.byTask("a"), NOW).isEmpty()).isTrue();
        assertThat(progress.round()).isOne();
        assertThat(progress.completedAt()).isEqualTo(NOW);
        assertThat(progress.handled().redrive()).isEqualTo("a");
    }

    @Test
    void attemptsAreCountedOverRounds() {
        var progress = new BatchProgress(1);
        progress.note(0, null, failure(4));
        progress.redrive(RedriveRequest.byTask("a"), NOW);
        ItemAttempts before = Objects.requireNonNull(progress.retries().get(0)).attempts();
        AttemptHistory history = before.history(2).plus(NOW, NOW, NOW, RandomProgress.outcome(500));
        progress.note(0, null, new Entry.Finished(history, new Ending(Ending.Reason.RetriesExhausted, "No."), NOW));
        assertThat(progress.failedItem(0)).isEqualTo(new EndedItem(5, 500, Ending.Reason.RetriesExhausted));
        assertThat(progress.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.attempts()).isEqualTo(5));
    }

    @Test
    void fiftyFailuresAreShown() {
        var progress = new BatchProgress(60);
        for (int i = 59; i >= 0; i--) {
            progress.note(i, null, failure(1));
        }
        assertThat(progress.failures())
                .hasSize(50)
                .first()
                .satisfies(first -> assertThat(first.index()).isEqualTo(59));
        assertThat(progress.failedItem(0)).isNotNull();
    }

    @Test
    void deadLettersAreTakenOffTheList() {
        var progress = new BatchProgress(3);
        for (int i = 0; i < 3; i++) {
            progress.note(i, null, failure(1));
            progress.awaitDeadLetter(i);
        }
        progress.deadLettered(bits(0, 2));
        assertThat(progress.openDeadLetters()).isEqualTo(bits(1));
        assertThat(progress.deadLettersCreated()).isOne();
    }

    @Test
    void claimsAreGroupedByTheSecondAndTheProcess() {
        var progress = new BatchProgress(100);
        Instant second = Instant.parse("2026-11-20T08:00:00Z");
        progress.claim(new ItemClaim(bits(0), second.plusMillis(900), second.plusSeconds(5), "a"));
        progress.claim(new ItemClaim(bits(1), second.plusMillis(100), second.plusSeconds(9), "a"));
        progress.claim(new ItemClaim(bits(2), second.plusMillis(100), second.plusSeconds(5), "b"));
        progress.claim(new ItemClaim(bits(3), second.plusMillis(1000), second.plusSeconds(5), "a"));
        assertThat(progress.claims())
                .containsExactly(
                        new ItemClaim(bits(0, 1), second.plusMillis(100), second.plusSeconds(9), "a"),
                        new ItemClaim(bits(2), second.plusMillis(100), second.plusSeconds(5), "b"),
                        new ItemClaim(bits(3), second.plusMillis(1000), second.plusSeconds(5), "a"));
        progress.note(1, null, success());
        progress.note(2, null, failure(1));
        assertThat(progress.claims()).extracting(ItemClaim::indexes).containsExactly(bits(0), bits(3));
        progress.claim(new ItemClaim(bits(0), second.plusSeconds(9), second.plusSeconds(20), "a"));
        progress.claim(new ItemClaim(bits(1, 2), second.plusSeconds(9), second.plusSeconds(20), "a"));
        assertThat(progress.claims()).extracting(ItemClaim::indexes).containsExactly(bits(3), bits(0));
    }

    @Test
    void theOldestOfManyClaimsAreUnited() {
        var progress = new BatchProgress(100);
        for (int i = 0; i < 20; i++) {
            progress.claim(new ItemClaim(bits(i), START.plusSeconds(i), START.plusSeconds(100 - i), "a"));
        }
        assertThat(progress.claims())
                .hasSize(16)
                .first()
                .isEqualTo(new ItemClaim(bits(0, 1, 2, 3, 4), START, START.plusSeconds(100), "a"));
    }
}
