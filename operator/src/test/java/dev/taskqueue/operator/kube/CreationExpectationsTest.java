package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.kube.CreationExpectations.Expected;
import dev.taskqueue.operator.testing.TestingTasks;
import org.junit.jupiter.api.Test;

class CreationExpectationsTest {
    private static final Expected LETTER = new Expected("shop", "a-dl", "uid-a");

    private final CreationExpectations creations = new CreationExpectations();

    private static JsonNode letter(String name, String because) {
        return TestingTasks.json("{metadata: {namespace: 'shop', name: '" + name
                + "', uid: 'uid-dl', resourceVersion: '3'}, spec: {deadLetterOf: {uid: '" + because + "'}}}");
    }

    @Test
    void onlyTheObjectThatWasCreatedForThisReasonCounts() throws InterruptedException {
        creations.expect(LETTER);
        creations.show(letter("a-dl", "uid-b"));
        creations.show(letter("b-dl", "uid-a"));
        assertThat(creations.isShown(LETTER)).isFalse();
        var seen = new TestingSink();
        new CreationNotingSink(creations, seen).seen(letter("a-dl", "uid-a"), 1);
        assertThat(seen.next()).isEqualTo("seen a-dl@3 in 1");
        creations.expect(LETTER);
        assertThat(creations.isShown(LETTER)).isTrue();
    }

    @Test
    void whatWasShownBeforeItWasExpectedOrAfterItWasSettledIsNotNoted() {
        creations.show(letter("a-dl", "uid-a"));
        creations.expect(LETTER);
        assertThat(creations.isShown(LETTER)).isFalse();
        creations.settle(LETTER);
        creations.show(letter("a-dl", "uid-a"));
        assertThat(creations.isShown(LETTER)).isFalse();
    }

    @Test
    void theOldestAreForgotten() {
        creations.expect(LETTER);
        creations.show(letter("a-dl", "uid-a"));
        for (int i = 0; i < 1_000; i++) {
            creations.expect(new Expected("shop", "letter", "uid-" + i));
        }
        assertThat(creations.isShown(LETTER)).isFalse();
    }
}
