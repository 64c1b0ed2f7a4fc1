package dev.taskqueue.operator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryEntriesTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00.123Z");
    private static final long START = NOW.toEpochMilli();

    private static RetryEntries read(Map<String, String> texts) {
        var entries = new RetryEntries();
        texts.values().forEach(text -> entries.read(text, 1000, START));
        return entries;
    }

    @Test
    void anItemThatBacksOffIsWrittenAsTheContractSays() {
        var retry = new ItemRetry(new ItemAttempts(3, 2, 1, START + 12_000, 0, 503, false, 0), START + 61_250);
        assertThat(RetryEntries.format(Map.of(431, retry), Map.of(), 1000, START))
                .isEqualTo(Map.of("400", "431:3/2/1@12+61250!503"));
    }

    @Test
    void aRoundBeforeIsCountedBehindIt() {
        var again = new ItemRetry(ItemAttempts.none(5), START + 77_001);
        var failedAgain = new ItemRetry(new ItemAttempts(1, 0, 0, START + 99_000, 0, 0, false, 5), START + 100_000);
        Map<Integer, ItemRetry> waiting = Map.of(0, again, 99, failedAgain);
        var texts = RetryEntries.format(waiting, Map.of(), 1000, START);
        assertThat(texts).isEqualTo(Map.of("0", "0:0/0/0@0+77001!0~5 99:1/0/0@99+100000!0~5"));
        assertThat(read(texts).waiting()).isEqualTo(waiting);
    }

    /** A Task's handler sees the code 504 after it, and an item's must, too. */
    @Test
    void aTimeoutIsToldApartFromOtherAttemptsWithoutAnAnswer() {
        AttemptHistory timedOut = AttemptHistory.NONE.plus(
                NOW, NOW, NOW.plusSeconds(30), new Outcome.Unanswered(AttemptReason.DeadlineExceeded, ""));
        AttemptHistory closed = AttemptHistory.NONE.plus(
                NOW, NOW, NOW.plusSeconds(1), new Outcome.Unanswered(AttemptReason.ConnectionClosed, ""));
        var waiting = Map.of(
                1, new ItemRetry(ItemAttempts.of(timedOut), START + 40_000),
                2, new ItemRetry(ItemAttempts.of(closed), START + 40_000));
        var texts = RetryEntries.format(waiting, Map.of(), 1000, START);
        assertThat(texts).isEqualTo(Map.of("0", "1:1/0/0@0+40000!0D 2:1/0/0@0+40000!0"));
        assertThat(lastReason(texts, 1)).isEqualTo(AttemptReason.DeadlineExceeded);
        assertThat(lastReason(texts, 2)).isEqualTo(AttemptReason.ConnectionClosed);
    }

    private static @Nullable AttemptReason lastReason(Map<String, String> texts, int index) {
        ItemRetry retry = read(texts).waiting().get(index);
        AttemptRecord last = retry == null ? null : retry.attempts().history(1).lastOfRound();
        return last == null ? null : last.reason();
    }

    @Test
    void whatHasEndedKeepsItsAttempts() {
        var ended = new TreeMap<Integer, EndedItem>();
        ended.put(3, new EndedItem(1, 422, Ending.Reason.NonRetryable));
        ended.put(4, new EndedItem(9, 0, Ending.Reason.RetriesExhausted));
        ended.put(205, new EndedItem(0, 0, Ending.Reason.Expired));
        ended.put(206, new EndedItem(2, 503, null));
        ended.put(207, EndedItem.UNSENT);
        var texts = RetryEntries.format(Map.of(), ended, 1000, START);
        assertThat(texts).isEqualTo(Map.of("0", "3!422N~1 4!0R~9", "200", "205!0E~0 206!503~2"));
        ended.remove(207);
        assertThat(read(texts).ended()).isEqualTo(ended);
    }

    @Test
    void theNextAttemptIsKeptToTheMillisecondAndTheFirstToTheSecond() {
        var retry = new ItemRetry(
                new ItemAttempts(2, 2, 0, START + 12_999, START + 50_000, 500, false, 0), START + 1_000_000_007L);
        ItemRetry back = read(RetryEntries.format(Map.of(7, retry), Map.of(), 8, START))
                .waiting()
                .get(7);
        assertThat(back)
                .isEqualTo(new ItemRetry(
                        new ItemAttempts(2, 2, 0, START + 12_000, 0, 500, false, 0), START + 1_000_000_007L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "431",
                "431:",
                "431:1/1/1@12+5",
                "431:1/1@1+1!503",
                "1431:1/1/1@1+1!503",
                "431:-1/1/1@1+1!503",
                "431:1/1/1@1+1!5033",
                "431:1/1/1@1+1!503~",
                "431!503",
                "431!503n~1",
                "431!503~99999999999",
                "999:1/1/1@1+1!503"
            })
    void whatNoOperatorWroteCountsAsAbsent(String entry) {
        var entries = new RetryEntries();
        entries.read(entry + " 7:1/1/1@0+9!500", 900, START);
        assertThat(entries.waiting()).containsOnlyKeys(7);
        assertThat(entries.ended()).isEmpty();
    }

    /** The API server would refuse every status of the batch from then on. */
    @Test
    void aTextIsNeverTooLongForTheCrd() {
        int count = Integer.MAX_VALUE / 4;
        long far = 99_999_999_999L;
        for (int earlier : new int[] {0, 100, count}) {
            var waiting = new TreeMap<Integer, ItemRetry>();
            for (int index = 900; index < 1000; index++) {
                waiting.put(
                        index,
                        new ItemRetry(
                                new ItemAttempts(count, count - 1, count - 2, START + far, 0, 503, false, earlier),
                                START + far));
            }
            var texts = RetryEntries.format(waiting, Map.of(), 1000, START);
            assertThat(texts.get("900")).hasSizeLessThanOrEqualTo(RetryEntries.MAX_LENGTH);
            assertThat(read(texts).waiting())
                    .containsOnlyKeys(waiting.keySet())
                    .allSatisfy((_, retry) -> assertThat(retry.nextAt()).isEqualTo(START + far))
                    .allSatisfy((_, retry) ->
                            assertThat(retry.attempts().lastCode()).isEqualTo(503));
        }
    }
}
