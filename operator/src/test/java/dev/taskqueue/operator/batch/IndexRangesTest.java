package dev.taskqueue.operator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexRangesTest {
    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "0, 0",
        "'5,7', '5,7'",
        "'0-41,43-428', '0-41,43-428'",
        "'9,1-3,4', '1-4,9'",
        "'5-9,7-12', '5-12'",
        "'007', '7'",
        "999, 999",
        "0-999, 0-999",
    })
    void areReadInAnyOrderAndWrittenInTheirOwn(String text, String written) {
        assertThat(IndexRanges.parse(text, 1000).map(IndexRanges::format)).contains(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "1,", ",1", "1,,2", "-", "1-", "-1", "3-2", "1-2-3", "a", "1 ", " 1", "1, 2", "1000", "0-1000", "99999999999", "+1", "1.5", "\u0661"})
    void areRefusedInAnyOtherForm(String text) {
        assertThat(IndexRanges.parse(text, 1000)).isEmpty();
    }

    @Test
    void areRefusedAboveTheLengthOfTheCrd() {
        String longest = "1,".repeat(2047) + "11";
        assertThat(IndexRanges.parse(longest, 1000)).isPresent();
        assertThat(IndexRanges.parse(longest + "1", 1000)).isEmpty();
    }

    @Test
    void theWorstCaseFits() {
        var odd = new BitSet();
        IntStream.range(0, 500).forEach(i -> odd.set((2 * i) + 1));
        assertThat(IndexRanges.format(odd)).hasSize(1944);
    }

    @Test
    void anySetIsReadBack() {
        var random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int total = 1 + random.nextInt(1000);
            double density = random.nextDouble();
            var set = new BitSet();
            IntStream.range(0, total).filter(_ -> random.nextDouble() < density).forEach(set::set);
            assertThat(IndexRanges.parse(IndexRanges.format(set), total)).contains(set);
        }
    }
}
