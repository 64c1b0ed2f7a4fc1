package dev.taskqueue.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchPartsTest {
    /** Code points in hexadecimal, and how many bytes each takes. The operator's {@code StoredSizeTest} has the same table. */
    @ParameterizedTest
    @CsvSource({
        "20, 1",
        "61, 1",
        "7f, 1",
        "22, 2",
        "5c, 2",
        "0a, 2",
        "0d, 2",
        "09, 2",
        "00, 6",
        "0b, 6",
        "1f, 6",
        "3c, 6",
        "3e, 6",
        "26, 6",
        "e4, 2",
        "7ff, 2",
        "800, 3",
        "2027, 3",
        "2028, 6",
        "2029, 6",
        "202a, 3",
        "ffff, 3",
        "1f600, 4"
    })
    void theApiServerWritesACharacterInSoManyBytes(String character, int bytes) {
        String text = Character.toString(Integer.parseInt(character, 16));
        assertThat(StoredText.bytes(text + "x" + text)).isEqualTo(2 * bytes + 1);
    }
}
