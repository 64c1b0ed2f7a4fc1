package dev.taskqueue.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskNamesTest {
    /** The same file is read by the tests of the samples in other languages. */
    @ParameterizedTest
    @CsvFileSource(files = "../../samples/orders/task-names.csv", numLinesToSkip = 1)
    void theNameFollowsFromQueueAndKey(String queue, String key, String name) {
        assertThat(TaskNames.of(queue, key)).isEqualTo(name).matches("[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "a.b", "ä", "a\n"})
    void otherCharactersAreNoKey(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskNames.of("order-tasks", key))
                .withMessageContaining("letters, digits");
    }

    @ParameterizedTest
    @ValueSource(ints = {501, 10_000})
    void aKeyHas500CharactersAtMost(int length) {
        assertThatIllegalArgumentException().isThrownBy(() -> TaskNames.of("order-tasks", "a".repeat(length)));
    }
}
